import { assert, asyncProperty } from 'fast-check'
import { expect, test } from 'vitest'

import type { Table, Value } from '../../../lib/app/ports/table.ts'
import { freshKey, itemAt, put, update } from '../../support/table.ts'
import { values } from '../../support/values.ts'

export function valueRules(table: () => Table): void {
  const samples: readonly (readonly [title: string, value: Value])[] = [
    ['empty text', ''],
    ['text beyond the basic plane', 'ä日😀'],
    ['zero', 0],
    ['a time in ms', 1_764_000_000_123],
    ['the largest exact number', Number.MAX_SAFE_INTEGER],
    ['a negative fraction', -1 / 3],
    ['a tiny number', 1.5e-120],
    ['true and false', [true, false]],
    ['null', null],
    ['empty containers', { list: [], map: {} }],
    ['nested containers', { a: [{ b: [1, 'x', null, { c: true }] }] }],
    ['names that mean something elsewhere', { constructor: 'a', toString: 'b', 'a.b[0]': 'c', '#n': ':v' }],
    ['bytes', new Uint8Array([0, 255, 10, 128])],
    ['no bytes', new Uint8Array()],
    ['bytes within', { chunks: [new Uint8Array([1]), new Uint8Array([2])] }],
  ]

  test.each(samples)('%s comes back as it was, by put and by update', async (_, value) => {
    const [byPut, byUpdate] = [freshKey(), freshKey()]

    await table().write(put(byPut, { value }))
    await table().write(update(byUpdate, { value }))

    expect(await table().getAll([byPut, byUpdate])).toEqual([
      itemAt(byPut, { value }),
      itemAt(byUpdate, { value }),
    ])
  })

  test('bytes come back as a plain Uint8Array, whatever they were', async () => {
    const key = freshKey()
    await table().write(put(key, { chunk: Buffer.from('gzip') }))

    const chunk = (await table().get(key))?.['chunk']

    expect(Object.getPrototypeOf(chunk)).toBe(Uint8Array.prototype)
    expect(chunk).toEqual(new TextEncoder().encode('gzip'))
  })

  test('there is one zero', async () => {
    const key = freshKey()

    await table().write(put(key, { n: -0 }))

    expect((await table().get(key))?.['n']).toBe(0)
  })

  test('any value comes back as it was', async () => {
    const key = freshKey()

    await assert(
      asyncProperty(values(), async (value) => {
        await table().write(put(key, { value }))

        expect(await table().get(key)).toEqual(itemAt(key, { value }))
      }),
      { numRuns: 100 },
    )
  })

  test('callers share no state with the table', async () => {
    const key = freshKey()
    const given = { PK: key.PK, SK: key.SK, list: ['a'], bytes: new Uint8Array([1]) }
    const writing = table().write({ kind: 'put', item: given, when: { name: 'always', all: [] } })
    given.list.push('b')
    given.bytes[0] = 9
    await writing

    const first = await table().get(key)
    if (first?.['bytes'] instanceof Uint8Array) first['bytes'][0] = 9

    expect(await table().get(key)).toEqual(itemAt(key, { list: ['a'], bytes: new Uint8Array([1]) }))
  })
}
