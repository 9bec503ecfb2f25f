import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInstallation, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import type { Held } from './support/lease.ts'

/** One slot: whoever comes next gets the slot of its predecessor. */
let here: Installation
beforeAll(async () => {
  here = await openInstallation({ hosts: ['alpha'], slots: 1 })
})
afterAll(() => here?.close())

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', here.repository.directory, ...args], { encoding: 'utf8' }).trim()

const workingCopy = async (commit?: string): Promise<Held> =>
  activeLease(here.client, {
    blueprint: WORKING_COPIES,
    repository: REPOSITORY,
    ...(commit === undefined ? {} : { commit }),
  })

describe('what a lease of a working copy gets', () => {
  test.for([0, 2, 4, 6, 7])(
    'commit %i has the tree that the repository has, byte for byte',
    async (index) => {
      const commit = here.repository.commits[index] ?? ''

      const held = await workingCopy(commit)
      const files = await filesIn(held)
      await release(here.client, held)

      expect(held.lease.receipt).toMatchObject({ commit, tree: git('rev-parse', `${commit}^{tree}`) })
      expect(files).toBe(filesOf(commit))
    },
  )

  test.for([
    { name: 'a branch', commit: 'main' },
    { name: 'a full ref', commit: 'refs/heads/main' },
    { name: 'nothing: the default branch', commit: undefined },
  ])('$name resolves to its newest commit', async ({ commit }) => {
    const held = await workingCopy(commit)
    const head = await run(here.client, held, ['git', 'rev-parse', 'HEAD'])
    await release(here.client, held)

    expect(held.lease.receipt?.commit).toBe(here.repository.commits[0])
    expect(head.stdout.trim()).toBe(here.repository.commits[0])
  })

  test('a branch that moved is followed', async () => {
    const [second = '', first = ''] = here.repository.commits
    git('update-ref', 'refs/heads/moving', first)
    const before = await workingCopy('moving')
    await release(here.client, before)
    git('update-ref', 'refs/heads/moving', second)

    const after = await workingCopy('moving')

    await release(here.client, after)
    expect([before, after].map(({ lease }) => lease.receipt?.commit)).toEqual([first, second])
  })
})

describe('what a predecessor leaves behind', () => {
  test.for(Object.entries(poisons()))('%s does not reach the next lease of the slot', async ([, poison]) => {
    const commit = here.repository.commits[5] ?? ''
    const before = await workingCopy(commit)
    const poisoned = await run(here.client, before, ['sh', '-euc', poison])
    await release(here.client, before)

    const after = await workingCopy(commit)
    const files = await filesIn(after)
    const state = await run(here.client, after, ['sh', '-c', STATE])
    await release(here.client, after)

    expect(poisoned).toMatchObject({ exitCode: 0 })
    expect(after.lease.slot).toEqual(before.lease.slot)
    expect(after.lease.receipt?.tree).toBe(git('rev-parse', `${commit}^{tree}`))
    expect(files).toBe(filesOf(commit))
    expect(state).toEqual({ exitCode: 0, cause: 'exited', stdout: `${commit}\n`, stderr: '' })
  })
})

describe('what cannot be checked out', () => {
  test.for([
    { name: 'a commit that does not exist', commit: 'f'.repeat(40), code: /^unknown_commit: / },
    { name: 'a branch that does not exist', commit: 'no-such-branch', code: /^unknown_commit: / },
    { name: 'the id of a tree', commit: undefined, code: /^unknown_commit: / },
  ])(
    '$name breaks the lease at once; the host is blameless and the slot free again',
    async ({ commit, code }) => {
      const { id } = await here.client.createLease({
        body: {
          blueprint: WORKING_COPIES,
          repository: REPOSITORY,
          commit: commit ?? git('rev-parse', 'main^{tree}'),
        },
      })

      const lease = await destroyed(here.client, id)
      const events = await timeline(here.client, id)
      const [host] = (await here.pool()).hosts
      const next = await workingCopy('main')
      await release(here.client, next)

      expect(lease).toMatchObject({ reason: 'request_failed', tries: 0, failures: [] })
      expect(lease.detail).toMatch(code)
      expect(events.map(({ type }) => type)).toEqual(['created', 'acquired', 'broken', 'destroyed'])
      expect(host).toMatchObject({ failuresInARow: 0, state: 'active' })
      expect(next.lease.status).toBe('active')
    },
  )
})

describe('collections, merges and what stands warm', () => {
  /** A commit on top of an older one that puts this line into the readme. */
  const topic = (name: string, parent: string, line: string): void => {
    const blob = execFileSync('git', ['-C', here.repository.directory, 'hash-object', '-w', '--stdin'], {
      input: `${line}\n`,
      encoding: 'utf8',
    }).trim()
    const listed = git('ls-tree', parent)
      .split('\n')
      .filter((entry) => !entry.endsWith('\tREADME.md'))
    const tree = execFileSync('git', ['-C', here.repository.directory, 'mktree'], {
      input: [...listed, `100644 blob ${blob}\tREADME.md`, ''].join('\n'),
      encoding: 'utf8',
    }).trim()
    const named = ['-c', 'user.name=A', '-c', 'user.email=a@example.org']
    git('update-ref', `refs/heads/${name}`, git(...named, 'commit-tree', '-p', parent, '-m', name, tree))
  }

  test('a ref is merged onto the commit in a directory of its own, and commands run there', async () => {
    const base = here.repository.commits[0] ?? ''
    topic('topic', base, 'from the topic')
    const repositories = [
      { repository: REPOSITORY, directory: 'app', commit: base, merges: [{ ref: 'topic' }] },
    ]

    const held = await activeLease(here.client, { blueprint: WORKING_COPIES, repositories })
    const seen = await run(here.client, held, ['sh', '-c', 'cat README.md; git log -1 --format=%P; ls ..'])
    await release(here.client, held)

    const merged = git('rev-parse', 'topic')
    expect(held.lease.receipt).toMatchObject({ base, merged: [{ ref: 'topic', commit: merged }] })
    expect(held.lease.receipt?.tree).toBe(git('rev-parse', 'topic^{tree}'))
    expect(seen.stdout).toBe(`from the topic\n${base} ${merged}\napp\n`)
  })

  test('a merge that does not fit breaks the lease with the files and what git said', async () => {
    const base = here.repository.commits[0] ?? ''
    topic('one', base, 'one')
    topic('two', base, 'two')
    const body = {
      blueprint: WORKING_COPIES,
      repository: REPOSITORY,
      commit: 'one',
      merges: [{ ref: 'two', how: 'squash' as const }],
    }

    const lease = await destroyed(here.client, (await here.client.createLease({ body })).id)

    expect(lease).toMatchObject({
      reason: 'request_failed',
      failures: [],
      conflict: { repository: REPOSITORY, phase: 'squash', ref: 'two', files: ['README.md'] },
    })
    expect(lease.conflict?.stderr).toContain('CONFLICT (content)')
  })

  test('an operator sees what stands warm, and removes it; the next lease has it made anew', async () => {
    const before = await workingCopy('main')
    const refused = here.client.removeWorkingCopy({ id: before.lease.workingCopy ?? '' }).catch(codeOf)
    expect(await refused).toBe('copy_leased')
    await release(here.client, before)
    await destroyed(here.client, before.id)

    const { workingCopies } = await here.client.listWorkingCopies({ repository: REPOSITORY })
    const own = workingCopies.find(({ id }) => id === before.lease.workingCopy)
    await here.client.removeWorkingCopy({ id: own?.id ?? '' })
    const after = await workingCopy('main')
    const gone = await here.client.getWorkingCopy({ id: own?.id ?? '' })
    await release(here.client, after)

    expect(own).toMatchObject({ state: 'active', slot: 0, lease: before.id })
    expect(gone).toMatchObject({ state: 'destroyed', reason: 'operator' })
    expect(after.lease.workingCopy).not.toBe(own?.id)
    expect(after.lease.receipt?.tree).toBe(before.lease.receipt?.tree)
  })
})

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error)

/** Every file, its mode and its hash, as the lease sees it. */
async function filesIn(held: Held): Promise<string> {
  const { stdout } = await run(here.client, held, ['sh', '-c', LISTING])
  return stdout
}

/** The same of what git itself unpacks of the commit. */
function filesOf(commit: string): string {
  const directory = mkdtempSync(join(here.scratch, 'expected-'))
  try {
    execFileSync('sh', [
      '-c',
      `git -C "$1" archive "$2" | tar -x -C "$3"`,
      'sh',
      here.repository.directory,
      commit,
      directory,
    ])
    return execFileSync('sh', ['-c', LISTING], { cwd: directory, encoding: 'utf8' })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const LISTING = `find . -path ./.git -prune -o \\( -type f -o -type l \\) -print | LC_ALL=C sort | while read -r file
do [ -x "$file" ] && mode=x || mode=-; printf '%s %s\\n' "$mode" "$(sha256sum "$file")"; done`

/** Says the commit, and nothing else where all is clean. */
const STATE = `git rev-parse HEAD && git status --porcelain --ignored && git replace -l && ls .git/hooks 2>/dev/null
git ls-files -v | grep -v '^H' ; find . -name '*.lock'; git fsck --no-dangling --no-progress`

function poisons(): Readonly<Record<string, string>> {
  return {
    'a hook': `mkdir -p .git/hooks && printf '#!/bin/sh\\ntouch poisoned\\n' >.git/hooks/post-checkout && chmod +x .git/hooks/post-checkout
      cp .git/hooks/post-checkout .git/hooks/post-index-change`,
    'an edit behind skip-worktree': 'git update-index --skip-worktree README.md && echo poisoned >README.md',
    'an edit behind assume-unchanged':
      'git update-index --assume-unchanged README.md && echo poisoned >README.md',
    'an ignored file':
      'echo "*.o" >.git/info/exclude 2>/dev/null || { mkdir -p .git/info && echo "*.o" >.git/info/exclude; }; touch poisoned.o parts/poisoned.o',
    'a replaced commit': 'git replace "$(git rev-parse HEAD)" "$(git rev-parse HEAD~1)"',
    'a stale lock': 'touch .git/index.lock .git/HEAD.lock .git/config.lock',
    'a filter and attributes': `printf '* text eol=crlf\\n' >.gitattributes; printf '* text eol=crlf\\n' >parts/.gitattributes`,
    'another mode': 'chmod -x build.sh; chmod +x README.md; git config core.fileMode false',
    'a link in the place of a directory': 'rm -r parts && ln -s / parts',
    'a command that still writes':
      'setsid sh -c \'while :; do echo poisoned >>README.md; echo x >"poisoned-$$"; sleep 0.02; done\' >/dev/null 2>&1 &',
  }
}
