import { expect, test } from 'vitest'
import type { Conditions, Final } from '../watch.ts'
import { tooLate } from './time/patience.ts'

const CALM_FROM = 1_000_000
const storm: Conditions & Pick<Final, 'sweeps'> = {
  seed: 1,
  profile: 'storm',
  calmFrom: CALM_FROM,
  skew: 5_000,
  sweeps: [],
}
const late = { what: 'something went on', from: 0, until: 500_000, allowed: 2_000, timer: 30_000 }

test('while faults strike nobody knows how long anything takes', () => {
  const said = tooLate(late, storm)

  expect(said).toBeUndefined()
})

test('where nothing goes wrong only the allowance counts', () => {
  const calm = { ...storm, profile: 'calm', calmFrom: 0, skew: 0 } as const

  const [said, silent] = [tooLate({ ...late, until: 2_001 }, calm), tooLate({ ...late, until: 2_000 }, calm)]

  expect(said).toContain('with nothing wrong')
  expect(silent).toBeUndefined()
})

test.each([
  ['a whole sweep that came after the timer has put it right', 100_000, true, 'through a whole sweep'],
  ['a sweep that was disturbed has not', 100_000, false, 'fine'],
  ['a sweep from before the timer has not', 20_000, true, 'fine'],
] as const)('%s', (_, startedAt, whole, expected) => {
  const said = tooLate(late, { ...storm, sweeps: [{ startedAt, endedAt: startedAt + 1_000, whole }] })

  expect(said ?? 'fine').toContain(expected)
})

test.each([
  ['120 s after the last fault it must be over', CALM_FROM + 160_000, 'after the last fault'],
  ['before that it need not', CALM_FROM + 140_000, 'fine'],
] as const)('%s', (_, until, expected) => {
  const said = tooLate({ ...late, until }, storm)

  expect(said ?? 'fine').toContain(expected)
})
