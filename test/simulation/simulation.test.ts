import { expect, test } from 'vitest'
import { FAULTS, profileOf } from './faults/profiles.ts'
import { addTo, nothingYet, told } from './report.ts'
import { runSeed } from './run.ts'
import { createWatch } from './checks/watch.ts'

const CHUNK = 26
const CHUNKS = Array.from({ length: 8 }, (_, at) => ({ from: at * CHUNK + 1, to: (at + 1) * CHUNK }))
const sums = nothingYet()

test.each(CHUNKS)('no rule is broken whatever goes wrong: seeds $from to $to', async ({ from, to }) => {
  const results = []
  for (let seed = from; seed <= to; seed++)
    results.push(await runSeed({ seed, profile: profileOf(seed), createWatch }))

  for (const result of results) addTo(sums, result)
  expect(results.filter(({ violations }) => violations.length > 0).map(told)).toEqual([])
})

test('every kind of fault has struck in these runs', () => {
  const kinds = Object.values(FAULTS).flat()

  const never = kinds.filter((kind) => (sums.faults[kind] ?? 0) === 0)

  expect(never).toEqual([])
})

test.each([
  'leases made',
  'leases handed over',
  'renewals',
  'commands',
  'ended: released',
  'ended: expired',
  'ended: cancelled',
  'ended: wait_timeout',
  'ended: request_failed',
  'ended: activation_failed',
  'lease requeued',
  'leases kept',
  'audit died',
  'sweep died',
  'activate died',
  'finalize died',
  'repair: expired',
  'repair: acquired',
])('these runs are about something: %s', (what) => {
  expect(sums.counts[what] ?? 0).toBeGreaterThan(3)
})
