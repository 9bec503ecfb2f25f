import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkOut, checkout, checkoutRequest } from '../../support/hosts/checkouts.ts'
import { runScript } from '../../support/hosts/commands.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'
import { createRepository, type SampleRepository } from '../../support/hosts/repositories.ts'

export function checkoutRules(host: () => OpenHosts): void {
  describe('checkouts', () => {
    let repository: SampleRepository
    let first: string
    let second: string
    beforeAll(() => {
      repository = createRepository()
      first = repository.commit({ 'a.txt': 'one\n', 'dir/b.sh': { executable: '#!/bin/sh\necho b\n' } })
      second = repository.commit({ 'a.txt': 'two\n', link: { link: 'a.txt' } })
    })
    afterAll(() => repository.close())

    test('a checkout hands out the commit’s tree and says what it proved', async () => {
      const slot = await openSlot(host())

      const receipt = await checkOut(host(), slot, repository, first)

      expect(receipt).toMatchObject({
        commit: first,
        tree: repository.git('rev-parse', `${first}^{tree}`),
        files: 2,
      })
      expect(readFileSync(join(receipt.path, 'a.txt'), 'utf8')).toBe('one\n')
    })

    test('commands run in the working copy, at the commit', async () => {
      const slot = await openSlot(host())
      const { path } = await checkOut(host(), slot, repository, second)

      const { stdout } = await runScript(
        host(),
        slot,
        1,
        'pwd; git rev-parse HEAD; cat link; echo "$DRYDOCK_WORKING_COPY"',
      )

      expect(stdout.toString()).toBe(`${path}\n${second}\ntwo\n${path}\n`)
    })

    test('a warm copy goes to the next lease with another commit, without asking the remote', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      await checkOut(host(), at(1), repository, second)
      valueOf(await hosts.close(target, at(1)))
      valueOf(await hosts.open(target, at(2)))

      const receipt = await checkOut(host(), at(2), repository, first)

      expect(receipt).toMatchObject({ commit: first, fetched: false, files: 2 })
      expect(readFileSync(join(receipt.path, 'a.txt'), 'utf8')).toBe('one\n')
    })

    test('where nothing of the slot may stay, no file that a predecessor left is used, whatever its bytes', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      const before = await checkOut(host(), at(1), repository, first)
      const planted = statSync(join(before.path, 'a.txt'))
      valueOf(await hosts.close(target, at(1)))
      valueOf(await hosts.open(target, at(2)))
      const held = openSync(join(before.path, 'a.txt'), 'r') // or its number might be given again
      valueOf(await hosts.tidy(target, at(2), { keep: [] }))

      const receipt = await checkOut(host(), at(2), repository, first)

      const made = statSync(join(receipt.path, 'a.txt'))
      closeSync(held)
      expect(receipt).toMatchObject({ commit: first, fetched: false })
      expect(made.ino).not.toBe(planted.ino)
    })

    test('asked for again, a checkout is the same checkout', async () => {
      const slot = await openSlot(host())
      const receipt = await checkOut(host(), slot, repository, first)

      const again = await checkOut(host(), slot, repository, first)

      expect(again).toEqual(receipt)
    })

    test('a branch and a tag are resolved by the remote', async () => {
      repository.git('tag', '-f', '-a', '-m', 'release', 'v1', first)
      const slots = [await openSlot(host()), await openSlot(host())] as const

      const branch = await checkOut(host(), slots[0], repository, 'main')
      const tag = await checkOut(host(), slots[1], repository, 'v1')

      expect([branch.commit, tag.commit]).toEqual([second, first])
    })

    test.each([
      ['a commit that does not exist', 'f'.repeat(40), 'unknown_commit'],
      ['a branch that does not exist', 'no-such-branch', 'unknown_commit'],
      ['a ref that looks like an option', '--upload-pack=touch', 'bad_ref'],
      ['a ref with control characters', 'main\nx', 'bad_ref'],
      ['a ref that git would not accept', 'a..b', 'bad_ref'],
      ['an empty ref', '', 'bad_ref'],
    ])('%s is the request’s fault', async (_what, commit, code) => {
      const slot = await openSlot(host())

      const answer = await checkout(host(), slot, checkoutRequest(repository, commit))

      expect(answer).toMatchObject({ kind: 'failed', fault: 'request', code })
    })
  })
}
