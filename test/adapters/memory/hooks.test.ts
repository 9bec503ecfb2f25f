import { expect, test } from 'vitest'

import type { TableCall } from '../../../lib/adapters/memory/table.ts'
import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import { absent, always, exists, freshKey, itemAt, put, update } from '../../support/table.ts'

test('a fault before a call leaves the table as it was', async () => {
  const key = freshKey()
  const table = createMemoryTable({
    before: ({ name }) => {
      if (name === 'write') throw new Error('throttled')
    },
  })

  const writing = table.write(put(key))

  await expect(writing).rejects.toThrow('throttled')
  expect(table.items()).toEqual([])
})

test('a fault after a call loses the answer only, and the same transaction again is committed', async () => {
  const key = freshKey()
  let faults = 1
  const table = createMemoryTable({
    after: ({ name }) => {
      if (name === 'transact' && faults-- > 0) throw new Error('timed out')
    },
  })
  const writes = [put(key, { ver: 1 }, absent)]

  const first = table.transact('op-1', writes)
  await expect(first).rejects.toThrow('timed out')
  const again = await table.transact('op-1', writes)

  expect(again).toEqual({ committed: true })
  expect(table.items()).toEqual([itemAt(key, { ver: 1 })])
})

test('the hook before a call decides when it takes effect', async () => {
  const key = freshKey()
  const gate = Promise.withResolvers<void>()
  const table = createMemoryTable({ before: ({ name }) => (name === 'transact' ? gate.promise : undefined) })

  const late = table.transact('op-1', [put(key, { by: 'late' }, absent)])
  const early = await table.write(put(key, { by: 'early' }, absent))
  gate.resolve()

  expect(early.committed).toBe(true)
  expect((await late).committed).toBe(false)
})

test('hooks see every call, so that requests can be counted', async () => {
  const key = freshKey()
  const seen: TableCall[] = []
  const table = createMemoryTable({ items: [itemAt(key)], before: (call) => void seen.push(call) })

  await table.get(key)
  await table.getAll([key])
  await table.query({ PK: key.PK, limit: 1 })
  await table.write(update(key, { a: 1 }, exists))
  await table.transact('op-1', [put(key, {}, always)])

  expect(seen.map(({ name }) => name)).toEqual(['get', 'getAll', 'query', 'write', 'transact'])
})

test('items cannot be changed by whoever reads them', async () => {
  const key = freshKey()
  const table = createMemoryTable({ items: [itemAt(key, { list: [{ a: 1 }] })] })

  const found = await table.get(key)

  expect(Object.isFrozen(found)).toBe(true)
  expect(Object.isFrozen(found?.['list'])).toBe(true)
})
