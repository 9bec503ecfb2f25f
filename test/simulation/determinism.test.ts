import { expect, test } from 'vitest'
import { runSeed } from './run.ts'
import type { ProfileName } from './watch.ts'
import { createWatch } from './checks/watch.ts'

const run = (seed: number, profile: ProfileName) => runSeed({ seed, profile, createWatch, log: 'digest' })

test.each(['calm', 'weather', 'deaths', 'storm'] as const)(
  'one seed writes the same log twice, byte for byte: %s',
  async (profile) => {
    const first = await run(5, profile)
    const second = await run(5, profile)

    expect(second.digest).toBe(first.digest)
    expect(second.counts).toEqual(first.counts)
    expect(second.faults).toEqual(first.faults)
  },
)

test('another seed is another run', async () => {
  const [one, other] = [await run(5, 'storm'), await run(6, 'storm')]

  expect(other.digest).not.toBe(one.digest)
})

test('nothing goes wrong in a calm run, and no clock differs', async () => {
  const { faults, counts } = await run(9, 'calm')

  expect(faults).toEqual({})
  expect(
    Object.keys(counts).filter((name) => / (?:died|aborted|failed|disturbed|timed out)$/.test(name)),
  ).toEqual([])
})
