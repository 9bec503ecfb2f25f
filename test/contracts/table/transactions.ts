import { randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'

import type { Table } from '../../../lib/app/ports/table.ts'
import {
  absent,
  check,
  exists,
  freshPartition,
  itemAt,
  put,
  remove,
  update,
  versionIs,
} from '../../support/table.ts'

export function transactionRules(table: () => Table): void {
  test('every kind of write in one transaction', async () => {
    const at = keysIn(freshPartition())
    await table().transact(randomUUID(), [
      put(at('old')),
      put(at('changed'), { ver: 1 }),
      put(at('seen'), { ver: 5 }),
    ])

    const outcome = await table().transact(randomUUID(), [
      put(at('new'), { a: 1 }, absent),
      update(at('changed'), { ver: 2 }, versionIs(1)),
      remove(at('old'), exists),
      check(at('seen'), versionIs(5)),
    ])

    expect(outcome).toEqual({ committed: true })
    expect(await table().getAll(['new', 'changed', 'old', 'seen'].map(at))).toEqual([
      itemAt(at('new'), { a: 1 }),
      itemAt(at('changed'), { ver: 2 }),
      undefined,
      itemAt(at('seen'), { ver: 5 }),
    ])
  })

  test('one condition that fails undoes everything, and all that fail are told', async () => {
    const at = keysIn(freshPartition())
    await table().transact(randomUUID(), [put(at('slot'), { ver: 4, lease: 'other' }), put(at('token'))])

    const outcome = await table().transact(randomUUID(), [
      put(at('event'), {}, absent),
      update(at('slot'), { lease: 'mine' }, versionIs(3)),
      remove(at('token'), exists),
      check(at('gone'), exists),
    ])

    expect(outcome).toEqual({
      committed: false,
      lost: [
        { index: 1, condition: 'version is 3', item: itemAt(at('slot'), { ver: 4, lease: 'other' }) },
        { index: 3, condition: 'is there' },
      ],
    })
    expect(await table().query({ PK: at('').PK, limit: 10 })).toEqual([
      itemAt(at('slot'), { ver: 4, lease: 'other' }),
      itemAt(at('token')),
    ])
  })

  test('the same transaction again is committed once', async () => {
    const at = keysIn(freshPartition())
    const opId = randomUUID()
    await table().write(put(at('counter'), { ver: 1 }))
    const writes = [update(at('counter'), { ver: 2 }, versionIs(1)), put(at('event'), {}, absent)]
    await table().transact(opId, writes)
    await table().write(update(at('counter'), { ver: 3 }, versionIs(2)))

    const again = await table().transact(opId, writes)

    expect(again).toEqual({ committed: true })
    expect(await table().get(at('counter'))).toEqual(itemAt(at('counter'), { ver: 3 }))
  })

  test('an opId longer than a request token works as well', async () => {
    const at = keysIn(freshPartition())
    const opId = `${randomUUID()}/${randomUUID()}`
    const writes = [put(at('a'), {}, absent)]
    await table().transact(opId, writes)

    const again = await table().transact(opId, writes)
    const similar = await table().transact(`${opId}2`, [put(at('a'), {}, absent)])

    expect([again.committed, similar.committed]).toEqual([true, false])
  })

  test('the same opId for other writes is refused', async () => {
    const at = keysIn(freshPartition())
    const opId = randomUUID()
    await table().transact(opId, [put(at('a'), {}, absent)])

    const other = table().transact(opId, [put(at('b'), {}, absent)])

    await expect(other).rejects.toThrow(/.+/)
    expect(await table().get(at('b'))).toBeUndefined()
  })

  test('a transaction that lost may be tried again under its opId', async () => {
    const at = keysIn(freshPartition())
    const opId = randomUUID()
    const writes = [update(at('a'), { opId }, exists)]
    await table().transact(opId, writes)
    await table().write(put(at('a')))

    const again = await table().transact(opId, writes)

    expect(again).toEqual({ committed: true })
    expect(await table().get(at('a'))).toEqual(itemAt(at('a'), { opId }))
  })

  test('own mark on one item that failed means that all has been committed before', async () => {
    const at = keysIn(freshPartition())
    const opId = randomUUID()
    await table().transact(randomUUID(), [
      put(at('lease'), { ver: 2, opId }),
      put(at('slot'), { ver: 9, opId: 'later' }),
    ])

    const outcome = await table().transact(opId, [
      update(at('lease'), { ver: 2, opId }, versionIs(1)),
      update(at('slot'), { ver: 2, opId }, versionIs(1)),
    ])

    expect(outcome).toEqual({ committed: true })
    expect(await table().get(at('slot'))).toEqual(itemAt(at('slot'), { ver: 9, opId: 'later' }))
  })

  test('a hundred writes are one transaction', async () => {
    const PK = freshPartition()
    const keys = Array.from({ length: 100 }, (_, number) => ({ PK, SK: `W#${number}` }))

    const outcome = await table().transact(
      randomUUID(),
      keys.map((key) => put(key, {}, absent)),
    )

    expect(outcome).toEqual({ committed: true })
    expect(await table().query({ PK, limit: 200 })).toHaveLength(100)
  })
}

function keysIn(PK: string) {
  return (SK: string) => ({ PK, SK })
}
