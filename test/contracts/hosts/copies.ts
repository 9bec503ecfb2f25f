import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SlotRef, Survey } from '../../../lib/app/ports/hosts.ts'
import { checkOut, checkout, checkoutRequest } from '../../support/hosts/checkouts.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'
import { createRepository, type SampleRepository } from '../../support/hosts/repositories.ts'

const namesIn = (survey: Survey): readonly string[] => survey.copies.map(({ name }) => name)

/** Working copies that stand on slots: which are there, how large they are, and which go. */
export function copyRules(host: () => OpenHosts): void {
  describe('copies', () => {
    let repository: SampleRepository
    let commit: string
    beforeAll(() => {
      repository = createRepository()
      commit = repository.commit({ 'a.txt': 'one\n', 'b.txt': 'x'.repeat(100_000) })
    })
    afterAll(() => repository.close())

    const copyOf = async (slot: SlotRef, name: string): Promise<string> => {
      const request = { ...checkoutRequest(repository, commit), repository: name }
      const state = valueOf(await checkout(host(), slot, request))
      return state.state === 'done' ? state.receipt.path : ''
    }
    const tidy = async (slot: SlotRef, ...keep: readonly string[]): Promise<Survey> =>
      valueOf(await host().hosts.tidy(host().target, slot, { keep }))

    test('a closed slot keeps the copies that are named, and tells their sizes and the disk’s', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const paths = [await copyOf(slot, 'one'), await copyOf(slot, 'two'), await copyOf(slot, 'three')]
      valueOf(await hosts.close(target, slot))

      const survey = await tidy(slot, 'three', 'one', 'never-there')

      expect(namesIn(survey).toSorted()).toEqual(['one', 'three'])
      for (const { bytes } of survey.copies) expect(bytes).toBeGreaterThan(100_000)
      expect(survey.disk.freeBytes).toBeGreaterThan(0)
      expect(survey.disk.totalBytes).toBeGreaterThan(survey.disk.freeBytes)
      expect(paths.map((path) => existsSync(path))).toEqual([true, false, true])
    })

    test('an open slot keeps what its own lease has checked out, whatever is named', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      await copyOf(at(1), 'old')
      valueOf(await hosts.close(target, at(1)))
      valueOf(await hosts.open(target, at(2)))
      const path = await copyOf(at(2), 'new')

      const survey = await tidy(at(2))

      expect(namesIn(survey)).toEqual(['new'])
      expect(existsSync(join(path, 'a.txt'))).toBe(true)
    })

    test('a copy whose checkout failed goes like any other', async () => {
      const slot = await openSlot(host())
      await checkout(host(), slot, checkoutRequest(repository, 'f'.repeat(40)))

      const survey = await tidy(slot)

      expect(namesIn(survey)).toEqual([])
    })

    test('a copy that went is made anew when it is asked for again', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(1)))
      await copyOf(at(1), 'sample')
      valueOf(await hosts.close(target, at(1)))
      await tidy(at(1))
      valueOf(await hosts.open(target, at(2)))

      const receipt = await checkOut(host(), at(2), repository, commit)

      expect(receipt).toMatchObject({ commit, files: 2, fetched: false })
      expect(existsSync(join(receipt.path, 'b.txt'))).toBe(true)
    })

    test('only the epoch that the slot is in tidies it', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      valueOf(await hosts.open(target, at(2)))
      const path = await copyOf(at(2), 'sample')
      valueOf(await hosts.close(target, at(2)))

      const answers = [
        await hosts.tidy(target, at(1), { keep: [] }),
        await hosts.tidy(target, at(3), { keep: [] }),
        await hosts.tidy(target, { ...at(2), nonce: 'other' }, { keep: [] }),
      ]

      expect(answers).toMatchObject([
        { kind: 'refused', code: 'stale' },
        { kind: 'refused', code: 'opening' },
        { kind: 'refused', code: 'unknown', seen: at(2).nonce },
      ])
      expect(existsSync(path)).toBe(true)
    })

    test('whatever else lies among the copies goes, and nothing that a link points to', async () => {
      const { hosts, target } = host()
      const slot = await openSlot(host())
      const path = await copyOf(slot, 'sample')
      valueOf(await hosts.close(target, slot))
      const copies = dirname(path)
      const outside = join(dirname(repository.directory), `outside-${slot.nonce}-${process.pid}`)
      mkdirSync(outside)
      writeFileSync(join(outside, 'kept'), '')
      symlinkSync(outside, join(copies, 'link'))
      writeFileSync(join(copies, 'a file'), '')
      mkdirSync(join(copies, '.hidden'))

      const survey = await tidy(slot, 'sample', 'link/kept', '.hidden')

      expect(namesIn(survey)).toEqual(['sample'])
      expect(readdirSync(copies)).toEqual(['sample'])
      expect(readdirSync(outside)).toEqual(['kept'])
      rmSync(outside, { recursive: true })
    })
  })
}
