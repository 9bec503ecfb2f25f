import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckoutState, SlotRef } from '../../../lib/app/ports/hosts.ts'
import type { Merge, Receipt } from '../../../lib/domain/lease.ts'
import { checkout, checkoutRequest } from '../../support/hosts/checkouts.ts'
import { runScript } from '../../support/hosts/commands.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'
import { createRepository, type SampleRepository } from '../../support/hosts/repositories.ts'

const COLLECTION = '_0123456789abcdef'
const DIRECTORIES = ['app', 'lib.v2']

/** Several repositories in one lease, and refs that are merged onto a commit. */
export function collectionRules(host: () => OpenHosts): void {
  describe('collections and merges', () => {
    let app: SampleRepository
    let library: SampleRepository
    let commits: Readonly<Record<'app' | 'library' | 'base' | 'one' | 'two' | 'clash', string>>
    beforeAll(() => {
      app = createRepository()
      library = createRepository()
      const inLibrary = library.commit({ 'l.txt': 'library\n' })
      const base = app.commit({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' })
      const branch = (name: string, files: Parameters<SampleRepository['commit']>[0]): string => {
        app.git('checkout', '-q', '-b', name, base)
        const made = app.commit(files)
        app.git('checkout', '-q', 'main')
        return made
      }
      const one = branch('one', { 'new.txt': 'from one\n' })
      const two = branch('two', { 'a.txt': 'ONE\ntwo\nthree\n' })
      const clash = branch('clash', { 'a.txt': 'eins\ntwo\nthree\n', 'b.txt': null })
      const inApp = app.commit({ 'c.txt': 'c\n' })
      commits = { app: inApp, library: inLibrary, base, one, two, clash }
    })
    afterAll(() => {
      app.close()
      library.close()
    })

    const into = async (
      slot: SlotRef,
      [name, repository, directory]: readonly [string, SampleRepository, string],
      commit: string,
    ): Promise<Receipt> => {
      const request = {
        ...checkoutRequest(repository, commit),
        repository: name,
        place: { collection: COLLECTION, directory, directories: DIRECTORIES },
      }
      return receiptOf(valueOf(await checkout(host(), slot, request)))
    }
    const both = async (slot: SlotRef): Promise<readonly Receipt[]> =>
      Promise.all([
        into(slot, ['app', app, 'app'], commits.app),
        into(slot, ['library', library, 'lib.v2'], commits.library),
      ])
    const merged = async (slot: SlotRef, commit: string, ...merges: readonly Merge[]) =>
      checkout(host(), slot, { ...checkoutRequest(app, commit), merges })

    test('repositories lie side by side, each proven by itself, and commands find them all', async () => {
      const slot = await openSlot(host())

      const [first, second] = await both(slot)
      const { stdout } = await runScript(
        host(),
        slot,
        1,
        'cat app/c.txt lib.v2/l.txt; echo *; git -C app rev-parse HEAD; pwd',
      )

      expect(first).toMatchObject({ commit: commits.app, files: 3 })
      expect(second).toMatchObject({ commit: commits.library, files: 1 })
      expect(stdout.toString()).toBe(
        `c\nlibrary\napp lib.v2\n${commits.app}\n${dirname(first?.path ?? '')}\n`,
      )
    })

    test('a collection is warm for the next lease, and whatever else came to lie in it is gone', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      const [first] = await both(at(1))
      const path = dirname(first?.path ?? '')
      valueOf(await hosts.close(target, at(1)))
      mkdirSync(join(path, 'stray'))
      writeFileSync(join(path, '.stray'), '')
      writeFileSync(join(path, 'app', 'ignored'), '')
      valueOf(await hosts.open(target, at(2)))

      const [again] = await both(at(2))

      expect(again).toMatchObject({ commit: commits.app, fetched: false })
      expect(readdirSync(path).toSorted()).toEqual(DIRECTORIES)
      expect(readdirSync(join(path, 'app')).toSorted()).toEqual(['.git', 'a.txt', 'b.txt', 'c.txt'])
    })

    test('a collection is one copy among those of its slot, and goes as one', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const [first] = await both(slot)

      const during = valueOf(await hosts.tidy(target, slot, { keep: [] }))
      valueOf(await hosts.close(target, slot))
      const after = valueOf(await hosts.tidy(target, slot, { keep: [] }))

      expect(during.copies.map(({ name }) => name)).toEqual([COLLECTION])
      expect(after.copies).toEqual([])
      expect(existsSync(dirname(first?.path ?? ''))).toBe(false)
    })

    test.each(['../app', 'a/b', '.git', '-x', '', 'a b', '..'])(
      'the directory %j is refused',
      async (directory) => {
        const slot = await openSlot(host())
        const place = { collection: COLLECTION, directory, directories: [directory] }

        const answer = await checkout(host(), slot, { ...checkoutRequest(app, commits.app), place })

        expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code: 'bad_payload' })
      },
    )

    test('refs are merged onto the commit one after the other, and the receipt names what came of it', async () => {
      const slot = await openSlot(host())

      const answer = await merged(
        slot,
        commits.app,
        { how: 'merge', ref: 'one' },
        { how: 'squash', ref: commits.two },
      )

      const receipt = receiptOf(valueOf(answer))
      const { stdout } = await runScript(
        host(),
        slot,
        1,
        'git rev-parse HEAD HEAD^ "HEAD^{tree}" HEAD^^1 HEAD^^2; git status --porcelain --ignored',
      )
      expect(receipt).toMatchObject({
        base: commits.app,
        merged: [
          { how: 'merge', ref: 'one', commit: commits.one },
          { how: 'squash', ref: commits.two, commit: commits.two },
        ],
        files: 4,
      })
      const [head, , tree, first, second, ...rest] = stdout.toString().trimEnd().split('\n')
      expect([head, tree]).toEqual([receipt.commit, receipt.tree])
      expect([first, second, ...rest]).toEqual([commits.app, commits.one])
      expect(readFileSync(join(receipt.path, 'a.txt'), 'utf8')).toBe('ONE\ntwo\nthree\n')
      expect(readFileSync(join(receipt.path, 'new.txt'), 'utf8')).toBe('from one\n')
    })

    test('the same merges of the same commits make the same commit on any slot', async () => {
      const slots = [await openSlot(host()), await openSlot(host())] as const
      const merges: readonly Merge[] = [{ how: 'squash', ref: 'one' }]

      const receipts = [
        receiptOf(valueOf(await merged(slots[0], commits.app, ...merges))),
        receiptOf(valueOf(await merged(slots[1], commits.app, ...merges))),
      ]

      expect(receipts[1]?.commit).toBe(receipts[0]?.commit)
      expect(receipts[1]?.tree).toBe(receipts[0]?.tree)
    })

    test('what is already in the commit is no merge', async () => {
      const slot = await openSlot(host())

      const answer = await merged(slot, commits.app, { how: 'merge', ref: commits.base })

      expect(receiptOf(valueOf(answer))).toMatchObject({ commit: commits.app, base: commits.app })
    })

    test('a conflict is told as data: which ref, which files, and what git said; asked again it is the same', async () => {
      const slot = await openSlot(host())
      const merges: readonly Merge[] = [
        { how: 'squash', ref: 'two' },
        { how: 'merge', ref: 'clash' },
      ]

      const answer = valueOf(await merged(slot, commits.app, ...merges))
      const again = valueOf(await merged(slot, commits.app, ...merges))

      expect(answer).toMatchObject({
        state: 'conflict',
        conflict: { phase: 'merge', at: 'clash', files: ['a.txt'], truncated: false },
      })
      expect(answer.state === 'conflict' && answer.conflict.stderr).toContain('CONFLICT (content)')
      expect(again).toEqual(answer)
    })

    test.each([
      ['a ref that does not exist', 'no-such-ref', 'unknown_commit'],
      ['a ref that git would not accept', 'a..b', 'bad_ref'],
      ['a ref that looks like an option', '--upload-pack=touch', 'bad_ref'],
      ['a ref with a line break', 'one\nsquash two', 'bad_ref'],
      ['two refs in one', 'one two', 'bad_ref'],
    ])('%s is the request’s fault', async (_what, ref, code) => {
      const slot = await openSlot(host())

      const answer = await merged(slot, commits.app, { how: 'merge', ref })

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code })
    })
  })
}

function receiptOf(state: CheckoutState): Receipt {
  if (state.state !== 'done') throw new Error(`the checkout is ${state.state}`)
  return state.receipt
}
