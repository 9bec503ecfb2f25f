import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitsBranch, isBranch, isRef } from '../../../lib/domain/landing/refs.ts'

const git = (name: string): boolean =>
  spawnSync('git', ['check-ref-format', '--allow-onelevel', name], { stdio: 'ignore' }).status === 0

test.each(['main', 'a/b', 'refs/heads/x', 'v1.0', 'x@y', 'ünïcode', 'a.b.c', 'feature/-x'])(
  '%j is a ref, as for git',
  (name) => {
    expect([isRef(name), git(name)]).toEqual([true, true])
  },
)

test.each([
  ['a..b'],
  ['.a'],
  ['a/.b'],
  ['a.lock'],
  ['a.lock/b'],
  ['a/'],
  ['/a'],
  ['a//b'],
  ['a.'],
  ['a b'],
  ['a~1'],
  ['a^'],
  ['a:b'],
  ['a?'],
  ['a*'],
  ['a['],
  ['a\\b'],
  ['a@{1}'],
  ['@'],
  ['a\u0001'],
  ['a\u007f'],
  [''],
])('%j is no ref, as for git', (name) => {
  expect([isRef(name), git(name)]).toEqual([false, false])
})

test('whatever is a ref here is one for git', () => {
  const letter = fc.constantFrom(...'ab/.-@{}~^:?*[\\ \u0007é漢'.split(''), '.lock', 'HEAD', 'refs/')

  const checked = fc.check(
    fc.property(fc.array(letter, { minLength: 1, maxLength: 8 }), (letters) => {
      const name = letters.join('')
      return !isRef(name) || git(name)
    }),
    { numRuns: 150 },
  )

  expect(checked).toMatchObject({ failed: false })
})

test('what an option looks like, and a name that is too long, are no refs', () => {
  expect([isRef('-x'), isRef('a'.repeat(256))]).toEqual([false, false])
})

test('a branch goes by its short name', () => {
  expect(['main', 'refs/heads/main', 'HEAD'].map(isBranch)).toEqual([true, false, false])
})

test('a pattern is a name, or the beginning of names', () => {
  expect(fitsBranch('main', 'main')).toBe(true)
  expect(fitsBranch('main', 'main2')).toBe(false)
  expect(fitsBranch('release/*', 'release/1')).toBe(true)
  expect(fitsBranch('release/*', 'releases')).toBe(false)
  expect(fitsBranch('*', 'anything')).toBe(true)
})
