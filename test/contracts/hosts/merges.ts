import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../support/hosts/checkouts.ts'
import { runScript } from '../../support/hosts/commands.ts'
import { createForge, type Forge, made, merge, mergeRequest } from '../../support/hosts/landings.ts'
import { openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

export function mergeRules(host: () => OpenHosts): void {
  describe('merges', () => {
    let forge: Forge
    let head: string
    let source: string
    let middle: string
    beforeAll(() => {
      forge = createForge({ 'a.txt': 'one\n', 'b.txt': 'one\n' })
      const start = forge.git('rev-parse', 'main')
      source = forge.branch('feature', start, { 'b.txt': 'two\n' }, { 'c.txt': 'new\n' })
      middle = forge.git('rev-parse', `${source}^`)
      head = forge.branch('main', start, { 'a.txt': 'two\n' })
    })
    afterAll(() => forge.close())

    test('a squash is one commit on the branch, with all changes of the source', async () => {
      const slot = await openSlot(host())

      const landed = await made(host(), slot, mergeRequest(forge, { source, copy: true }))

      const { stdout } = await runScript(
        host(),
        slot,
        1,
        'cat a.txt b.txt c.txt; git status --porcelain; git log -1 --format="%H %T %P%n%B%an %ae %cn %ce %ct"',
      )
      expect(landed).toMatchObject({ before: head, source })
      expect(stdout.toString()).toBe(
        [
          'two\ntwo\nnew',
          `${landed.commit} ${landed.tree} ${head}`,
          'Land it\n\nDrydock-Landing: landing-1',
          'A a@example.org Robot robot@example.org 1700000000\n',
        ].join('\n'),
      )
    })

    test('a merge has the branch and the source as its parents', async () => {
      const slot = await openSlot(host())
      const author = { name: 'Ünï "q" $(x) `y`', email: 'u@example.org' }

      const request = mergeRequest(forge, { source: 'feature', strategy: 'merge', copy: true, author })
      const landed = await made(host(), slot, request)

      const { stdout } = await runScript(host(), slot, 1, 'git log -1 --format="%H %P%n%an"')
      expect(landed.source).toBe(source)
      expect(stdout.toString()).toBe(`${landed.commit} ${head} ${source}\n${author.name}\n`)
    })

    test('a rebase puts each commit on top of the branch, with its own author and message', async () => {
      const slot = await openSlot(host())
      const { message: _, ...request } = mergeRequest(forge, { source, strategy: 'rebase', copy: true })

      const landed = await made(host(), slot, request)

      const script = `git log --format="%P %an %cn%n%B" ${head}..HEAD; cat a.txt b.txt c.txt`
      const { stdout } = await runScript(host(), slot, 1, script)
      const first = stdout.toString().split('\n')[0]?.split(' ')[0]
      const text = 'change\n\nDrydock-Landing: landing-1\n'
      expect(stdout.toString()).toBe(`${first} A Robot\n${text}\n${head} A Robot\n${text}\ntwo\ntwo\nnew\n`)
      expect(landed.before).toBe(head)
    })

    test('the same request on the same head makes the same commit on another slot', async () => {
      const slots = [await openSlot(host()), await openSlot(host())] as const

      const one = await made(host(), slots[0], mergeRequest(forge, { source, number: 1 }))
      const two = await made(host(), slots[1], mergeRequest(forge, { source, number: 7 }))

      expect({ ...two }).toEqual({ ...one })
    })

    test('asked again, a merge is the same merge; with another request it is refused', async () => {
      const slot = await openSlot(host())
      const request = mergeRequest(forge, { source })
      const first = await made(host(), slot, request)

      const again = await merge(host(), slot, request)
      const other = await merge(host(), slot, { ...request, message: 'Something else' })

      expect(valueOf(again)).toEqual(first)
      expect(other).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
    })

    test('a message is kept as it is, whatever it holds', async () => {
      const slot = await openSlot(host())
      const message = `-F /etc/passwd\n\n$(touch x) \`y\` 'z' "\\n" %B é 漢\n---\n# not a comment\n${'long '.repeat(3_000)}end`

      await made(host(), slot, mergeRequest(forge, { source, message, copy: true }))

      const { stdout } = await runScript(host(), slot, 1, 'git log -1 --format=%B')
      expect(stdout.toString()).toBe(`${message}\n\nDrydock-Landing: landing-1\n\n`)
    })

    test.each(['squash', 'merge', 'rebase'] as const)(
      'a %s that does not fit names the files and what git said',
      async (strategy) => {
        const slot = await openSlot(host())
        const start = forge.git('rev-parse', `${head}^`)
        const names = { 'a.txt': 'three\n', 'odd "name"\n.txt': 'x\n' }
        const clash = forge.branch(`clash-${strategy}`, start, { 'd.txt': 'fits\n' }, names)

        const answer = await merge(host(), slot, mergeRequest(forge, { source: clash, strategy }))

        expect(valueOf(answer)).toEqual({
          state: 'conflict',
          head,
          source: clash,
          conflict: {
            phase: strategy,
            at: clash,
            files: ['a.txt'],
            truncated: false,
            stderr: 'CONFLICT (content): Merge conflict in a.txt\n',
          },
        })
      },
    )

    test('changes that the branch has already are not landed again', async () => {
      const slot = await openSlot(host())
      const start = forge.git('rev-parse', `${head}^`)
      const same = forge.branch('same', start, { 'a.txt': 'two\n' })
      const answers = []
      for (const [index, strategy] of (['squash', 'merge', 'rebase'] as const).entries()) {
        const request = mergeRequest(forge, { source: same, strategy, number: index + 1 })
        answers.push(valueOf(await merge(host(), slot, request)))
      }

      const ancestor = valueOf(await merge(host(), slot, mergeRequest(forge, { source: start, number: 9 })))

      expect(answers).toEqual(answers.map(() => ({ state: 'already', head, source: same })))
      expect(ancestor).toEqual({ state: 'already', head, source: start })
    })

    test('a head that is not the expected one is told, and nothing is made', async () => {
      const slot = await openSlot(host())

      const answer = await merge(host(), slot, mergeRequest(forge, { source, expectedHead: middle }))

      expect(valueOf(answer)).toEqual({ state: 'moved', head })
    })

    test('a landing whose commit is in the branch is landed, whatever else is asked for', async () => {
      const slot = await openSlot(host())
      const tree = forge.git('rev-parse', `${head}^{tree}`)

      const answer = await merge(host(), slot, mergeRequest(forge, { source, known: ['0'.repeat(40), head] }))

      expect(valueOf(answer)).toEqual({ state: 'landed', commit: head, tree, head })
    })

    test('a rebase refuses a source with merges', async () => {
      const slot = await openSlot(host())
      forge.branch('side', middle, { 'd.txt': 'side\n' })
      forge.branch('both', source)
      forge.work('merge', '-q', '--no-ff', '-m', 'both', 'side')
      forge.work('push', '-q', 'origin', 'both')

      const answer = await merge(host(), slot, mergeRequest(forge, { source: 'both', strategy: 'rebase' }))

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'not_linear' })
    })

    test('what a job did to the copy, its .git and its configuration has no part in a merge', async () => {
      const slot = await openSlot(host())
      const request = { repository: 'forge', url: forge.url, commit: head, allowFile: true }
      await checkout(host(), slot, { ...request, fetchTimeoutSeconds: 20, waitSeconds: 20 })
      await runScript(
        host(),
        slot,
        1,
        `echo evil >b.txt; git config merge.evil.driver 'touch ran; false'; echo '* merge=evil' >.gitattributes
        mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch %s/ran' "$PWD" >.git/hooks/post-merge; chmod +x .git/hooks/*
        git config core.hooksPath .git/hooks; (setsid sleep 300 &) `,
      )

      const landed = await made(host(), slot, mergeRequest(forge, { source, copy: true }))

      const script =
        'cat b.txt; ls ran; git status --porcelain --ignored; git config --get merge.evil.driver; git rev-parse HEAD'
      const { stdout } = await runScript(host(), slot, 2, script)
      expect(stdout.toString()).toBe(`two\n${landed.commit}\n`)
    })

    test.each([
      ['a branch that does not exist', { branch: 'nowhere' }, 'unknown_branch'],
      ['a source that does not exist', { source: 'f'.repeat(40) }, 'unknown_commit'],
      ['a source that looks like an option', { source: '--upload-pack=touch' }, 'bad_ref'],
      ['a source that git would not accept', { source: 'a..b' }, 'bad_ref'],
      ['a branch that looks like an option', { branch: '-x' }, 'bad_ref'],
      ['a branch with two dots', { branch: 'a..b' }, 'bad_ref'],
      ['a branch with control characters', { branch: 'main\nx' }, 'bad_ref'],
      ['a branch that is a full ref', { branch: 'refs/heads/main' }, 'bad_ref'],
      ['an address that is not allowed', { url: 'ext::sh -c "touch /tmp/evil"' }, 'bad_url'],
      ['a local repository that was not registered as one', { allowFile: false }, 'bad_url'],
      [
        'a credential for an address that is not https',
        { credential: { user: 'u', password: 'p' } },
        'bad_url',
      ],
    ])('%s is the request’s fault', async (_what, change, code) => {
      const slot = await openSlot(host())

      const answer = await merge(host(), slot, mergeRequest(forge, { source, ...change }))

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code })
    })

    test('histories without a common commit are the request’s fault', async () => {
      const slot = await openSlot(host())
      forge.work('checkout', '-q', '--orphan', 'stranger')
      forge.work('commit', '-q', '-m', 'stranger')
      forge.work('push', '-q', 'origin', 'stranger')
      const answers = []
      for (const [index, strategy] of (['squash', 'rebase'] as const).entries()) {
        const request = mergeRequest(forge, { source: 'stranger', strategy, number: index + 1 })
        answers.push(await merge(host(), slot, request))
      }

      const code = 'unrelated_histories'

      expect(answers).toMatchObject(answers.map(() => ({ kind: 'failed', fault: 'request', code })))
    })
  })
}
