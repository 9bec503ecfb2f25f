import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runScript } from '../../support/hosts/commands.ts'
import {
  createForge,
  type Forge,
  type Made,
  made,
  merge,
  mergeRequest,
  push,
  pushRequest,
} from '../../support/hosts/landings.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

export function pushRules(host: () => OpenHosts): void {
  describe('pushes', () => {
    let forge: Forge
    let start: string
    let source: string
    beforeAll(() => {
      forge = createForge()
      start = forge.git('rev-parse', 'main')
      source = forge.branch('feature', start, { 'b.txt': 'two\n' })
    })
    beforeEach(() => void forge.git('update-ref', 'refs/heads/main', start))
    afterAll(() => forge.close())
    const mainOf = (): string => forge.git('rev-parse', 'main')
    const landedOf = ({ commit, tree }: Made, head = commit): object => ({
      state: 'landed',
      commit,
      tree,
      head,
    })

    test('the commit that was made becomes the branch’s head', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))

      const answer = await push(host(), slot, pushRequest(forge, commit))

      expect(valueOf(answer)).toEqual(landedOf(commit))
      expect(mainOf()).toBe(commit.commit)
      expect(forge.git('fsck', '--strict')).toBe('')
    })

    test('a push whose answer was lost is recognised, also under later commits', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))
      valueOf(await push(host(), slot, pushRequest(forge, commit)))
      const later = forge.branch('main', commit.commit, { 'later.txt': 'x\n' })

      const pushed = await push(host(), slot, pushRequest(forge, commit, { number: 2 }))
      const merged = await merge(
        host(),
        slot,
        mergeRequest(forge, { source, number: 2, known: [commit.commit] }),
      )

      expect(valueOf(pushed)).toEqual(landedOf(commit, later))
      expect(valueOf(merged)).toEqual(landedOf(commit, later))
      expect(mainOf()).toBe(later)
    })

    test('a branch that has moved is left as it is', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))
      const moved = forge.branch('main', start, { 'other.txt': 'x\n' })

      const answer = await push(host(), slot, pushRequest(forge, commit))

      expect(valueOf(answer)).toEqual({ state: 'moved', head: moved })
      expect(mainOf()).toBe(moved)
    })

    test('a branch that moves while the push is under way is not overwritten', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))
      const moved = forge.branch('other', start, { 'other.txt': 'x\n' })
      const hook = `#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main ${moved}\n`

      const answer = await withHook(forge, 'pre-receive', hook, () =>
        push(host(), slot, pushRequest(forge, commit)),
      )

      expect(valueOf(answer)).toEqual({ state: 'moved', head: moved })
      expect(mainOf()).toBe(moved)
    })

    test('a dry run asks the remote and changes nothing', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))

      const answer = await push(host(), slot, pushRequest(forge, commit, { dryRun: true }))

      expect(valueOf(answer)).toEqual({ state: 'dry', head: start })
      expect(mainOf()).toBe(start)
    })

    test('what the remote refuses is told with its words, and not tried again by itself', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))
      const hook = '#!/bin/sh\necho "no landing on fridays" >&2\nexit 1\n'

      const answer = await withHook(forge, 'pre-receive', hook, () =>
        push(host(), slot, pushRequest(forge, commit)),
      )

      expect(answer).toMatchObject({
        kind: 'failed',
        fault: 'request',
        code: 'push_refused',
        detail: expect.stringContaining('no landing on fridays'),
      })
      expect(mainOf()).toBe(start)
    })

    test('a commit that this host has not made is missing, and nothing is pushed', async () => {
      const slot = await openSlot(host())
      const commit = {
        state: 'made',
        commit: '1'.repeat(40),
        tree: '2'.repeat(40),
        before: start,
        source,
      } as const

      const answer = await push(host(), slot, pushRequest(forge, commit))

      expect(valueOf(answer)).toEqual({ state: 'missing' })
    })

    test('a branch that is gone is the request’s fault', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source }))

      const answer = await push(host(), slot, pushRequest(forge, commit, { branch: 'gone' }))

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'unknown_branch' })
    })

    test('no process of the lease’s commands is left when a push begins, and none of their files goes along', async () => {
      const slot = await openSlot(host())
      const commit = await made(host(), slot, mergeRequest(forge, { source, copy: true }))
      const hooks =
        'mkdir -p .git/hooks; printf "#!/bin/sh\\ntouch $PWD/ran\\n" >.git/hooks/pre-push; chmod +x .git/hooks/*'
      const beat = `(setsid sh -c 'while :; do touch beat; sleep 0.02; done' >/dev/null 2>&1 &)`
      await runScript(host(), slot, 1, `${hooks}; ${beat}; echo evil >b.txt; git commit -qam evil || :`)

      valueOf(await push(host(), slot, pushRequest(forge, commit)))

      const seen = 'rm -f beat; sleep 0.2; ls beat ran'
      const { stdout } = await runScript(host(), slot, 2, seen)
      expect(stdout.toString()).toBe('')
      expect(mainOf()).toBe(commit.commit)
    })

    test('a lease that has ended neither merges nor pushes', async () => {
      const at = await freshSlot(host())
      const { hosts, target } = host()
      valueOf(await hosts.open(target, at(1)))
      const commit = await made(host(), at(1), mergeRequest(forge, { source }))
      valueOf(await hosts.close(target, at(1)))

      const answers = [
        await merge(host(), at(1), mergeRequest(forge, { source, number: 2 })),
        await push(host(), at(1), pushRequest(forge, commit)),
      ]

      expect(answers).toMatchObject(answers.map(() => ({ kind: 'refused', code: 'closed' })))
      expect(mainOf()).toBe(start)
    })
  })
}

/** Runs with a hook in the bare repository. */
async function withHook<T>(forge: Forge, name: string, script: string, act: () => Promise<T>): Promise<T> {
  const hook = join(forge.url, 'hooks', name)
  mkdirSync(join(forge.url, 'hooks'), { recursive: true })
  writeFileSync(hook, script)
  chmodSync(hook, 0o755)
  try {
    return await act()
  } finally {
    forge.git('config', 'core.hooksPath', '/dev/null')
    writeFileSync(hook, '#!/bin/sh\n')
    forge.git('config', '--unset', 'core.hooksPath')
  }
}
