import { randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'

import type { Key, Table } from '../../../lib/app/ports/table.ts'
import {
  absent,
  exists,
  freshKey,
  freshPartition,
  itemAt,
  put,
  remove,
  update,
  versionIs,
} from '../../support/table.ts'

const contenders = Array.from({ length: 16 }, (_, number) => `contender-${number}`)

export function raceRules(table: () => Table): void {
  test('of many transactions on one item exactly one wins, and the others see it', async () => {
    const { PK } = freshKey()
    const slot = { PK, SK: 'S#0' }
    await table().write(put(slot, { ver: 1, state: 'free' }))

    const outcomes = await Promise.all(
      contenders.map((holder) =>
        table().transact(randomUUID(), [
          update(slot, { ver: 2, state: 'held', holder }, versionIs(1)),
          put({ PK, SK: `EV#${holder}` }, {}, absent),
        ]),
      ),
    )

    const held = await table().get(slot)
    const events = await table().query({ PK, from: 'EV#', to: 'EV#~', limit: 100 })
    expect(outcomes.filter(({ committed }) => committed)).toHaveLength(1)
    expect(events.map(({ SK }) => SK)).toEqual([`EV#${held?.['holder'] as string}`])
    expect(outcomes.flatMap((outcome) => (outcome.committed ? [] : outcome.lost))).toEqual(
      contenders.slice(1).map(() => ({ index: 0, condition: 'version is 1', item: held })),
    )
  })

  test('of many single writes on one item exactly one wins', async () => {
    const permit = freshKey()

    const outcomes = await Promise.all(
      contenders.map((lease) => table().write(put(permit, { lease }, absent))),
    )

    const winner = outcomes.findIndex(({ committed }) => committed)
    expect(outcomes.filter(({ committed }) => committed)).toHaveLength(1)
    expect(await table().get(permit)).toEqual(itemAt(permit, { lease: contenders[winner] ?? 'nobody' }))
  })

  test('one token is handed to one contender only', async () => {
    const PK = freshPartition()
    const token = { PK, SK: 'token' }
    await table().write(put(token))

    const outcomes = await Promise.all(
      contenders.map((lease) =>
        table().transact(randomUUID(), [remove(token, exists), put({ PK, SK: lease }, {}, absent)]),
      ),
    )

    expect(outcomes.filter(({ committed }) => committed)).toHaveLength(1)
    expect(await table().query({ PK, limit: 100 })).toHaveLength(1)
  })

  test('whoever loses, reads again and repeats, loses no update', async () => {
    const counter = freshKey()
    await table().write(put(counter, { ver: 0 }))

    await Promise.all(contenders.slice(0, 8).map(() => increment(table(), counter)))

    expect(await table().get(counter)).toEqual(itemAt(counter, { ver: 8 }))
  })
}

async function increment(table: Table, counter: Key): Promise<void> {
  const ver = Number((await table.get(counter))?.['ver'])
  const outcome = await table.transact(randomUUID(), [update(counter, { ver: ver + 1 }, versionIs(ver))])
  if (!outcome.committed) await increment(table, counter)
}
