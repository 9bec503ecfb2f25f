import { expect, test } from 'vitest'

import type { Clause, Table, Value } from '../../../lib/app/ports/table.ts'
import { check, freshKey, put, when } from '../../support/table.ts'

type Attributes = Readonly<Record<string, Value>>
type Case = readonly [clause: Clause, item: Attributes | 'no item', holds: boolean]

const cases: readonly Case[] = [
  [{ is: 'item-exists' }, {}, true],
  [{ is: 'item-exists' }, 'no item', false],
  [{ is: 'item-absent' }, {}, false],
  [{ is: 'item-absent' }, 'no item', true],

  [{ is: 'present', attribute: 'a' }, { a: 1 }, true],
  [{ is: 'present', attribute: 'a' }, { a: null }, true],
  [{ is: 'present', attribute: 'a' }, { a: '' }, true],
  [{ is: 'present', attribute: 'a' }, { b: 1 }, false],
  [{ is: 'present', attribute: 'a' }, 'no item', false],
  [{ is: 'present', attribute: 'constructor' }, {}, false],
  [{ is: 'missing', attribute: 'a' }, { b: 1 }, true],
  [{ is: 'missing', attribute: 'a' }, 'no item', true],
  [{ is: 'missing', attribute: 'a' }, { a: false }, false],
  [{ is: 'missing', attribute: 'a' }, { a: null }, false],

  [{ is: 'equal', attribute: 'a', value: 'x' }, { a: 'x' }, true],
  [{ is: 'equal', attribute: 'a', value: 'x' }, { a: 'X' }, false],
  [{ is: 'equal', attribute: 'a', value: 7 }, { a: 7 }, true],
  [{ is: 'equal', attribute: 'a', value: 7 }, { a: '7' }, false],
  [{ is: 'equal', attribute: 'a', value: 0.1 }, { a: 0.1 }, true],
  [{ is: 'equal', attribute: 'a', value: 0 }, { a: -0 }, true],
  [{ is: 'equal', attribute: 'a', value: true }, { a: true }, true],
  [{ is: 'equal', attribute: 'a', value: false }, { a: true }, false],
  [{ is: 'equal', attribute: 'a', value: false }, {}, false],
  [{ is: 'equal', attribute: 'a', value: 'x' }, { a: null }, false],
  [{ is: 'equal', attribute: 'a', value: 'x' }, 'no item', false],
  [{ is: 'equal', attribute: 'status', value: 'reserved words are names too' }, { status: 'no' }, false],
  [{ is: 'equal', attribute: 'a.b #c :d', value: 'x' }, { 'a.b #c :d': 'x' }, true],
  [{ is: 'equal', attribute: 'a', value: 'x OR attribute_exists(PK)' }, { a: 'x' }, false],

  [{ is: 'one-of', attribute: 'a', values: ['x', 'y'] }, { a: 'y' }, true],
  [{ is: 'one-of', attribute: 'a', values: ['x', 'y'] }, { a: 'z' }, false],
  [{ is: 'one-of', attribute: 'a', values: [1, 'x'] }, { a: 1 }, true],
  [{ is: 'one-of', attribute: 'a', values: [1, 'x'] }, { a: '1' }, false],
  [{ is: 'one-of', attribute: 'a', values: ['x'] }, {}, false],
  [{ is: 'one-of', attribute: 'a', values: ['x'] }, 'no item', false],

  [{ is: 'below', attribute: 'a', value: 5 }, { a: 4 }, true],
  [{ is: 'below', attribute: 'a', value: 5 }, { a: 5 }, false],
  [{ is: 'below', attribute: 'a', value: 10 }, { a: 9 }, true],
  [{ is: 'below', attribute: 'a', value: 5 }, {}, false],
  [{ is: 'below', attribute: 'a', value: 5 }, { a: '4' }, false],
  [{ is: 'below', attribute: 'a', value: 5 }, { a: null }, false],
  [{ is: 'below', attribute: 'a', value: 5 }, 'no item', false],
  [{ is: 'at-most', attribute: 'a', value: 5 }, { a: 5 }, true],
  [{ is: 'at-most', attribute: 'a', value: 5 }, { a: 6 }, false],
  [{ is: 'at-most', attribute: 'a', value: 5 }, {}, false],
  [{ is: 'above', attribute: 'a', value: -5 }, { a: -4 }, true],
  [{ is: 'above', attribute: 'a', value: 5 }, { a: 5 }, false],
  [{ is: 'above', attribute: 'a', value: -1 }, {}, false],
  [{ is: 'at-least', attribute: 'a', value: 1_764_000_000_000 }, { a: 1_764_000_000_000 }, true],
  [{ is: 'at-least', attribute: 'a', value: 1_764_000_000_000 }, { a: 1_763_999_999_999 }, false],
  [{ is: 'at-least', attribute: 'a', value: 0 }, {}, false],

  [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'equal', attribute: 'a', value: 1 }] }, 'no item', true],
  [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'equal', attribute: 'a', value: 1 }] }, { a: 1 }, true],
  [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'equal', attribute: 'a', value: 1 }] }, { a: 2 }, false],
  [{ is: 'any', of: [{ is: 'any', of: [{ is: 'present', attribute: 'b' }] }] }, { b: 0 }, true],
]

export function conditionRules(table: () => Table): void {
  const titled = cases.map(([clause, item, holds]) => ({
    title: `${JSON.stringify(clause)} ${holds ? 'holds' : 'does not hold'} of ${JSON.stringify(item)}`,
    clause,
    item,
    holds,
  }))

  test.each(titled)('$title', async ({ clause, item, holds }) => {
    const key = freshKey()
    if (item !== 'no item') await table().write(put(key, item))

    const outcome = await table().write(check(key, when(clause)))

    expect(outcome.committed).toBe(holds)
  })

  test('a condition holds only when every clause does', async () => {
    const key = freshKey()
    await table().write(put(key, { ver: 3, status: 'free' }))
    const versionFits: Clause = { is: 'equal', attribute: 'ver', value: 3 }
    const isHeld: Clause = { is: 'equal', attribute: 'status', value: 'held' }
    const isFree: Clause = { is: 'equal', attribute: 'status', value: 'free' }

    const outcomes = [
      await table().write(check(key, when(versionFits, isFree))),
      await table().write(check(key, when(versionFits, isHeld))),
      await table().write(check(key, when({ is: 'any', of: [isHeld, isFree] }, versionFits))),
      await table().write(check(key, when({ is: 'any', of: [isHeld, versionFits] }, isHeld))),
    ]

    expect(outcomes.map(({ committed }) => committed)).toEqual([true, false, true, false])
  })
}
