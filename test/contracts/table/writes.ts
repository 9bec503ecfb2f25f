import { expect, test } from 'vitest'

import type { Table } from '../../../lib/app/ports/table.ts'
import {
  absent,
  always,
  check,
  exists,
  freshKey,
  itemAt,
  put,
  remove,
  update,
  versionIs,
} from '../../support/table.ts'

export function writeRules(table: () => Table): void {
  test('put replaces the whole item', async () => {
    const key = freshKey()
    await table().write(put(key, { a: 1, b: 2 }))

    const outcome = await table().write(put(key, { b: 3 }))

    expect(outcome).toEqual({ committed: true })
    expect(await table().get(key)).toEqual(itemAt(key, { b: 3 }))
  })

  test('an update adds to a number and answers the item as it stands then', async () => {
    const key = freshKey()
    await table().write(put(key, { count: 3, other: 'kept' }))

    const outcome = await table().write({ kind: 'update', key, set: {}, add: { count: 4 }, when: exists })

    expect(outcome).toEqual({ committed: true, item: itemAt(key, { count: 7, other: 'kept' }) })
    expect(await table().get(key)).toEqual(itemAt(key, { count: 7, other: 'kept' }))
  })

  test('of many that add at once, each learns a number of its own', async () => {
    const key = freshKey()
    await table().write(put(key, { count: 0 }))

    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () =>
        table().write({ kind: 'update', key, set: {}, add: { count: 1 }, when: exists }),
      ),
    )

    const numbers = outcomes.map((outcome) => outcome.committed && outcome.item?.['count'])
    expect(numbers.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
  })

  test('an update whose condition does not hold adds nothing', async () => {
    const key = freshKey()
    await table().write(put(key, { count: 3, ver: 2 }))

    const outcome = await table().write({
      kind: 'update',
      key,
      set: {},
      add: { count: 4 },
      when: versionIs(1),
    })

    expect(outcome).toMatchObject({ committed: false })
    expect(await table().get(key)).toEqual(itemAt(key, { count: 3, ver: 2 }))
  })

  test('update sets, removes and keeps the rest', async () => {
    const key = freshKey()
    await table().write(put(key, { a: 1, b: 2, c: 3 }))

    await table().write({
      kind: 'update',
      key,
      set: { a: 9, d: 4 },
      remove: ['b', 'never there'],
      when: exists,
    })

    expect(await table().get(key)).toEqual(itemAt(key, { a: 9, c: 3, d: 4 }))
  })

  test('update may only remove', async () => {
    const key = freshKey()
    await table().write(put(key, { a: 1, token: 'x' }))

    await table().write({ kind: 'update', key, set: {}, remove: ['token'], when: exists })

    expect(await table().get(key)).toEqual(itemAt(key, { a: 1 }))
  })

  test('update makes an item that is not there, unless its condition asks for one', async () => {
    const [made, refused] = [freshKey(), freshKey()]

    const outcomes = [
      await table().write(update(made, { a: 1 })),
      await table().write(update(refused, { a: 1 }, exists)),
    ]

    expect(outcomes.map(({ committed }) => committed)).toEqual([true, false])
    expect(await table().getAll([made, refused])).toEqual([itemAt(made, { a: 1 }), undefined])
  })

  test('delete removes, also what is not there', async () => {
    const key = freshKey()
    await table().write(put(key))

    const outcomes = [await table().write(remove(key)), await table().write(remove(key))]

    expect(outcomes).toEqual([{ committed: true }, { committed: true }])
    expect(await table().get(key)).toBeUndefined()
  })

  test('check changes nothing', async () => {
    const key = freshKey()
    await table().write(put(key, { ver: 1 }))

    const outcome = await table().write(check(key, versionIs(1)))

    expect(outcome).toEqual({ committed: true })
    expect(await table().get(key)).toEqual(itemAt(key, { ver: 1 }))
  })

  const losers = {
    put: (key: ReturnType<typeof freshKey>) => put(key, { ver: 2 }, versionIs(1)),
    update: (key: ReturnType<typeof freshKey>) => update(key, { ver: 2 }, versionIs(1)),
    delete: (key: ReturnType<typeof freshKey>) => remove(key, versionIs(1)),
    check: (key: ReturnType<typeof freshKey>) => check(key, versionIs(1)),
  }

  test.each(Object.entries(losers))(
    'a lost %s names its condition, brings the item, changes nothing',
    async (_, lose) => {
      const key = freshKey()
      await table().write(put(key, { ver: 7, holder: 'other' }))

      const outcome = await table().write(lose(key))

      const item = itemAt(key, { ver: 7, holder: 'other' })
      expect(outcome).toEqual({ committed: false, lost: [{ index: 0, condition: 'version is 1', item }] })
      expect(await table().get(key)).toEqual(item)
    },
  )

  test.each(Object.entries(losers))('a lost %s on an item that is not there brings none', async (_, lose) => {
    const key = freshKey()

    const outcome = await table().write(lose(key))

    expect(outcome).toEqual({ committed: false, lost: [{ index: 0, condition: 'version is 1' }] })
    expect(await table().get(key)).toBeUndefined()
  })

  test('a write that finds its own mark has been committed before', async () => {
    const key = freshKey()
    const marked = put(key, { opId: 'op-1', holder: 'me' }, absent)
    await table().write(marked)

    const again = await table().write(marked)
    const other = await table().write(put(key, { opId: 'op-2', holder: 'you' }, absent))

    expect(again).toEqual({ committed: true })
    expect(other.committed).toBe(false)
    expect(await table().get(key)).toEqual(itemAt(key, { opId: 'op-1', holder: 'me' }))
  })

  test('the key may come with more than the key', async () => {
    const key = freshKey()
    await table().write(put(key, { a: 1 }))
    const found = { ...key, a: 'stale', b: 'stale' }

    await table().write(update(found, { c: 1 }, always))

    expect(await table().get(found)).toEqual(itemAt(key, { a: 1, c: 1 }))
  })
}
