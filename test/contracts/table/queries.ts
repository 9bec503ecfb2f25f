import { expect, test } from 'vitest'

import type { Query, Table } from '../../../lib/app/ports/table.ts'
import { freshPartition, itemAt, put } from '../../support/table.ts'

/** In UTF-8; by UTF-16 units the emoji would come before the private-use character and the halfwidth one. */
const ordered = [
  '!',
  '0',
  '10',
  '9',
  'A',
  'W#1',
  'W#1#x',
  'W#2',
  'a',
  'ab',
  'é',
  '日',
  '\ue000',
  '\uff71',
  '😀',
  '😁',
]

type Range = Omit<Query, 'PK'>
const ranges: readonly (readonly [title: string, range: Range, expected: readonly string[]])[] = [
  ['without bounds the whole partition', { limit: 100 }, ordered],
  ['both bounds included', { from: 'A', to: 'ab', limit: 100 }, ['A', 'W#1', 'W#1#x', 'W#2', 'a', 'ab']],
  ['bounds need not exist', { from: 'B', to: 'W#1#', limit: 100 }, ['W#1']],
  ['a lower bound only', { from: '\ue000', limit: 100 }, ['\ue000', '\uff71', '😀', '😁']],
  ['an upper bound only', { to: '10', limit: 100 }, ['!', '0', '10']],
  ['one sort key', { from: 'W#1', to: 'W#1', limit: 100 }, ['W#1']],
  ['nothing between the bounds', { from: 'X', to: 'Z', limit: 100 }, []],
  ['bounds the wrong way round', { from: 'b', to: 'a', limit: 100 }, []],
  ['bounds the wrong way round by bytes only', { from: '😀', to: '\ue000', limit: 100 }, []],
  ['at most the limit', { limit: 3 }, ['!', '0', '10']],
  ['a limit within bounds', { from: '9', limit: 2 }, ['9', 'A']],
  ['backwards', { limit: 100, backwards: true }, ordered.toReversed()],
  ['backwards within bounds', { from: '0', to: '9', limit: 100, backwards: true }, ['9', '10', '0']],
  ['backwards, the last ones only', { limit: 2, backwards: true }, ['😁', '😀']],
]

export function queryRules(table: () => Table): void {
  test.each(ranges)('%s', async (_, range, expected) => {
    const PK = freshPartition()
    for (const SK of ordered.toSorted()) await table().write(put({ PK, SK }))
    await table().write(put({ PK: `${PK}!`, SK: 'another partition' }))

    const found = await table().query({ PK, ...range })

    expect(found).toEqual(expected.map((SK) => itemAt({ PK, SK })))
  })

  test('an unknown partition is empty', async () => {
    const PK = freshPartition()

    const found = await table().query({ PK, limit: 1 })

    expect(found).toEqual([])
  })

  test.each([
    ['all of it', 100, false],
    ['up to a limit', 21, false],
    ['backwards', 100, true],
    ['backwards up to a limit', 21, true],
  ])('a partition beyond 1 MB is read %s', async (_, limit, backwards) => {
    const PK = freshPartition()
    const chunk = 'x'.repeat(100_000)
    const keys = Array.from({ length: 32 }, (_, number) => ({
      PK,
      SK: `OUT#${String(number).padStart(3, '0')}`,
    }))
    for (const key of keys) await table().write(put(key, { chunk }))

    const found = await table().query({ PK, limit, backwards })

    const expected = (backwards ? keys.toReversed() : keys).slice(0, limit)
    expect(found.map(({ SK }) => SK)).toEqual(expected.map(({ SK }) => SK))
    expect(found.every((item) => item['chunk'] === chunk)).toBe(true)
  })
}
