import { randomUUID } from 'node:crypto'

import { expect, test } from 'vitest'

import type { Key, Table, Value, Write } from '../../../lib/app/ports/table.ts'
import { check, freshKey, itemAt, put, update, when } from '../../support/table.ts'

const kilobytes400 = 400 * 1_024

export function limitRules(table: () => Table): void {
  const writes: Readonly<Record<string, (key: Key) => Write>> = {
    'an empty partition key': ({ SK }) => put({ PK: '', SK }),
    'an empty sort key': ({ PK }) => put({ PK, SK: '' }),
    'a partition key beyond 2,048 bytes': ({ SK }) => put({ PK: 'ä'.repeat(1_025), SK }),
    'a sort key beyond 1,024 bytes': ({ PK }) => put({ PK, SK: 'ä'.repeat(513) }),
    'a key that UTF-8 cannot hold': ({ PK }) => put({ PK, SK: '\ud800' }),
    undefined: (key) => put(key, { a: undefined as unknown as Value }),
    'undefined within': (key) => put(key, { a: [{ b: undefined as unknown as Value }] }),
    'undefined in an update': (key) => update(key, { a: undefined as unknown as Value }),
    'not a number': (key) => put(key, { a: Number.NaN }),
    infinity: (key) => put(key, { a: Number.POSITIVE_INFINITY }),
    'a number that is not exact': (key) => put(key, { a: Number.MAX_SAFE_INTEGER + 1 }),
    'a number too small': (key) => put(key, { a: 1e-200 }),
    'a date': (key) => put(key, { a: new Date(0) as unknown as Value }),
    'a set': (key) => put(key, { a: new Set(['x']) as unknown as Value }),
    'text that UTF-8 cannot hold': (key) => put(key, { a: 'x\udc00' }),
    'an attribute without a name': (key) => put(key, { '': 1 }),
    'nesting beyond all bounds': (key) => put(key, { a: nested(40) }),
    'an update of the key': (key) => update(key, { SK: 'other' }),
    'an update of nothing': (key) => update(key, {}),
    'an update that sets and removes one attribute': (key) =>
      ({ ...update(key, { a: 1 }), remove: ['a'] }) as Write,
    'a check of nothing': (key) => check(key, when()),
    'a choice of nothing': (key) => put(key, {}, when({ is: 'one-of', attribute: 'a', values: [] })),
    'alternatives without choices': (key) => put(key, {}, when({ is: 'any', of: [] })),
    'an item beyond 400 KB': (key) => put(key, { chunk: 'x'.repeat(kilobytes400) }),
    'bytes beyond 400 KB': (key) => put(key, { chunk: new Uint8Array(kilobytes400) }),
  }

  test.each(Object.entries(writes))('%s is refused, alone and in a transaction', async (_, write) => {
    const key = freshKey()
    const other = freshKey()

    const answers = await Promise.allSettled([
      table().write(write(key)),
      table().transact(randomUUID(), [put(other), write(key)]),
    ])

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await table().getAll([key, other])).toEqual([undefined, undefined])
  })

  test('an item of exactly 400 KB is held, and not a byte more', async () => {
    const key = freshKey()
    const room = kilobytes400 - Buffer.byteLength(`PK${key.PK}SK${key.SK}chunk`)

    const answers = await Promise.allSettled([
      table().write(put(key, { chunk: 'x'.repeat(room) })),
      table().write(put(key, { chunk: 'x'.repeat(room + 1) })),
    ])

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('an update cannot let an item grow beyond 400 KB', async () => {
    const key = freshKey()
    await table().write(put(key, { chunk: 'x'.repeat(300_000) }))

    const growing = table().write(update(key, { more: 'x'.repeat(150_000) }))

    await expect(growing).rejects.toThrow(/.+/)
    expect(Object.keys((await table().get(key)) ?? {})).not.toContain('more')
  })

  test('a transaction beyond 4 MB is refused as a whole', async () => {
    const keys = Array.from({ length: 11 }, freshKey)

    const huge = table().transact(
      randomUUID(),
      keys.map((key) => put(key, { chunk: 'x'.repeat(400_000) })),
    )

    await expect(huge).rejects.toThrow(/.+/)
    expect((await table().getAll(keys)).filter(Boolean)).toEqual([])
  })

  test('a transaction takes 1 to 100 writes on different items, under an opId', async () => {
    const key = freshKey()
    const many = Array.from({ length: 101 }, () => put(freshKey()))

    const answers = await Promise.allSettled([
      table().transact(randomUUID(), []),
      table().transact(randomUUID(), many),
      table().transact(randomUUID(), [put(key), update(key, { a: 1 })]),
      table().transact('', [put(key)]),
    ])

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(await table().get(key)).toBeUndefined()
  })

  test('reads are refused as writes are', async () => {
    const { PK, SK } = freshKey()

    const answers = await Promise.allSettled([
      table().get({ PK: '', SK }),
      table().getAll([{ PK, SK: '' }]),
      table().getAll(Array.from({ length: 101 }, freshKey)),
      table().query({ PK: '', limit: 1 }),
      table().query({ PK, limit: 0 }),
      table().query({ PK, limit: 1.5 }),
      table().query({ PK, from: '', limit: 1 }),
    ])

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']))
  })

  test('keys of the full length name items', async () => {
    const key = { PK: freshKey().PK.padEnd(2_048, 'k'), SK: 'k'.repeat(1_024) }

    await table().write(put(key))

    expect(await table().get(key)).toEqual(itemAt(key))
  })
}

function nested(depth: number): Value {
  return depth === 0 ? 'deep' : { a: nested(depth - 1) }
}
