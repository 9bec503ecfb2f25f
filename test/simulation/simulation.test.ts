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
  'operator: remove a host',
  'operator: register a removed host anew',
  'operator: give a host more slots',
  'operator: remove a pool',
  'operator: make a removed pool anew',
  'operator: make a removed blueprint anew',
  'operator: lower a quota',
  'operator: a drain is prolonged',
  'coincidence: the host is lost',
  'hosts that left',
  'hosts that were tried again',
  'pauses of hosts that ended',
  'leases that were told of a loss',
  'leases made below a quota that was lowered',
])('these runs are about something: %s', (what) => {
  expect(sums.counts[what] ?? sums.judged[what] ?? 0).toBeGreaterThan(3)
})
