import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cached } from '../../infra/cache.ts'
import { fingerprint } from '../../infra/fingerprint.ts'

const writing = (text: string) => async (directory: string) => writeFileSync(join(directory, 'it'), text)

test('what is there is not made again', async () => {
  using place = temporary()
  const first = await cached(place.path, 'key', writing('first'))

  const second = await cached(place.path, 'key', writing('second'))

  expect(second).toBe(first)
  expect(readFileSync(join(second, 'it'), 'utf8')).toBe('first')
})

test('what could not be made leaves nothing behind', async () => {
  using place = temporary()
  const failing = async (directory: string) => {
    await writing('half')(directory)
    throw new Error('no')
  }

  await expect(cached(place.path, 'key', failing)).rejects.toThrow('no')

  expect(readdirSync(place.path)).toEqual([])
})

test('of two who make the same at once, both get one whole result', async () => {
  using place = temporary()
  const together = Promise.withResolvers<void>()
  let makers = 0
  const make = async (directory: string) => {
    makers += 1
    if (makers === 2) together.resolve()
    await together.promise
    await writing('whole')(directory)
  }

  const [one, other] = await Promise.all([cached(place.path, 'key', make), cached(place.path, 'key', make)])

  expect(one).toBe(other)
  expect(readdirSync(place.path)).toEqual(['key'])
  expect(readFileSync(join(one, 'it'), 'utf8')).toBe('whole')
})

test('the five used last are kept', async () => {
  using place = temporary()
  for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    const made = await cached(place.path, key, writing(key))
    utimesSync(made, index, index)
  }
  await cached(place.path, 'a', writing('a'))

  await cached(place.path, 'f', writing('f'))

  expect(readdirSync(place.path).toSorted()).toEqual(['a', 'c', 'd', 'e', 'f'])
})

const changes: readonly [rule: string, change: (root: string) => void][] = [
  ['other contents', (root) => writeFileSync(join(root, 'lib/a'), 'b')],
  ['another file', (root) => writeFileSync(join(root, 'lib/b'), '')],
  ['a file that is gone', (root) => rmSync(join(root, 'lib/a'))],
  ['a file below', (root) => writeFileSync(join(root, 'lib/below/c'), 'c')],
]

test.each(changes)('%s: another fingerprint', (_rule, change) => {
  using tree = source()
  const before = fingerprint(tree.path, ['lib', 'missing'])

  change(tree.path)

  expect(fingerprint(tree.path, ['lib', 'missing'])).not.toBe(before)
})

test('the same contents written again, and what does not count: the same fingerprint', () => {
  using tree = source()
  const before = fingerprint(tree.path, ['lib'], ['lib/below'])

  writeFileSync(join(tree.path, 'lib/a'), 'a')
  writeFileSync(join(tree.path, 'lib/below/c'), 'c')

  expect(fingerprint(tree.path, ['lib'], ['lib/below'])).toBe(before)
})

function source() {
  const tree = temporary()
  mkdirSync(join(tree.path, 'lib/below'), { recursive: true })
  writeFileSync(join(tree.path, 'lib/a'), 'a')
  return tree
}

function temporary() {
  const path = mkdtempSync(join(tmpdir(), 'drydock-cache-'))
  return {
    path,
    [Symbol.dispose]: () => {
      if (existsSync(path)) rmSync(path, { recursive: true })
    },
  }
}
