import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Base } from './copy.ts'
import { changedSources, copyBase, ROOT } from './copy.ts'
import { changed } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { line, table } from './report.ts'
import { tryControl, tryMutant } from './try-mutant.ts'

let base: Base
beforeAll(async () => {
  base = await copyBase()
})
afterAll(async () => base.remove())

test.each(MUTANTS)('the sources have the place that is changed by: $name', async (mutant) => {
  const sources = await changedSources(ROOT, mutant)

  expect(sources.size).toBeGreaterThan(0)
})

test('every mutant has a name of its own and says what it takes away', () => {
  const names = MUTANTS.map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(14)
  expect(MUTANTS.filter(({ why }) => why.length < 20)).toEqual([])
})

test.each(['nothing that fits', 'twice'])(
  'a change that does not fit exactly once is refused: %s',
  (find) => {
    const source = 'once, twice, twice'

    expect(() => changed(source, { file: 'any.ts', find, replace: 'other' })).toThrow('places fit, not one')
  },
)

const seeds = 4

test.each([
  'a hand-over in the same epoch',
  'a permit that is not returned',
  'a hand-over that ignores the order of the queue',
])('caught within four seeds: %s', async (name) => {
  const mutant = MUTANTS.find((one) => one.name === name)
  if (!mutant) throw new Error(`there is no mutant ${name}`)

  const verdict = await tryMutant(base, mutant, seeds)

  expect(verdict).toMatchObject({ caught: true })
})

test('the code as it is breaks no rule over the same seeds', async () => {
  const verdict = await tryControl(base, seeds)

  expect(verdict).toEqual({ caught: false, seeds })
})

test('a mutant that survives is named, one that is caught with its rule and seed', () => {
  const [one, other] = MUTANTS
  if (!one || !other) throw new Error('there are no mutants')
  const caught = {
    caught: true,
    seeds: 3,
    seed: 3,
    profile: 'storm',
    violations: ['the audit mended 1 timers', 'P1 at most one living lease has a slot: slot a/0'],
  } as const
  const rows = [
    { mutant: other, verdict: { caught: false, seeds: 9 } as const, seconds: 1 },
    { mutant: one, verdict: caught, seconds: 2 },
  ]

  const lines = table([one, other], rows).split('\n')

  expect(lines[1]).toMatch(/P1 at most one living lease has a slot {2,}3 \(storm\) {2,}3$/)
  expect(lines[2]).toMatch(/nobody$/)
  expect(rows.map(line)).toEqual([
    `SURVIVED  ${other.name}, 9 seeds, 1 s`,
    `caught    ${one.name}, seed 3 (storm), 2 s`,
  ])
})
