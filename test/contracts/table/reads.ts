import { expect, test } from 'vitest'

import type { Table } from '../../../lib/app/ports/table.ts'
import { freshKey, freshPartition, itemAt, put, update } from '../../support/table.ts'

export function readRules(table: () => Table): void {
  test('get finds nothing where nothing is', async () => {
    const key = freshKey()

    const found = await table().get(key)

    expect(found).toBeUndefined()
  })

  test('a read sees the write before it', async () => {
    const key = freshKey()
    await table().write(put(key, { ver: 0 }))
    const seen: unknown[] = []

    for (let ver = 1; ver <= 10; ver++) {
      await table().write(update(key, { ver }))
      seen.push((await table().get(key))?.['ver'], (await table().getAll([key]))[0]?.['ver'])
    }

    expect(seen).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10])
  })

  test('getAll answers in the order of the keys, with gaps and repetitions', async () => {
    const PK = freshPartition()
    const [a, b, gap] = [
      { PK, SK: 'a' },
      { PK, SK: 'b' },
      { PK, SK: 'gap' },
    ] as const
    await table().write(put(a, { n: 1 }))
    await table().write(put(b, { n: 2 }))

    const found = await table().getAll([b, gap, a, b])

    expect(found).toEqual([itemAt(b, { n: 2 }), undefined, itemAt(a, { n: 1 }), itemAt(b, { n: 2 })])
  })

  test('getAll takes a hundred keys over several partitions, and none', async () => {
    const keys = Array.from({ length: 100 }, (_, number) => ({ ...freshKey(), SK: `${number}` }))
    await Promise.all(keys.map((key) => table().write(put(key))))

    const found = await table().getAll(keys)

    expect(found).toEqual(keys.map((key) => itemAt(key)))
    expect(await table().getAll([])).toEqual([])
  })

  test('getAll brings everything, however large', async () => {
    const PK = freshPartition()
    const keys = Array.from({ length: 48 }, (_, number) => ({ PK, SK: `${number}` }))
    const chunk = 'x'.repeat(390_000)
    for (const key of keys) await table().write(put(key, { chunk }))

    const found = await table().getAll(keys)

    expect(found.map((item) => item?.SK)).toEqual(keys.map(({ SK }) => SK))
    expect(found.every((item) => item?.['chunk'] === chunk)).toBe(true)
  })

  test.each(['#', 'L#01#META', 'ä', '日本語', '😀', 'a b\n"c"\\', "x' OR '1'='1", ':0', '\u0001'])(
    'any text names an item: %j',
    async (text) => {
      const key = { PK: `${freshPartition()}${text}`, SK: text }
      await table().write(put(key, { text }))

      const found = [await table().get(key), (await table().getAll([key]))[0]]

      expect(found).toEqual([itemAt(key, { text }), itemAt(key, { text })])
      expect(await table().query({ PK: key.PK, from: text, to: text, limit: 2 })).toEqual([
        itemAt(key, { text }),
      ])
    },
  )
}
