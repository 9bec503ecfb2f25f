import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSshHosts } from '../../lib/adapters/ssh/hosts.ts'
import { ProblemError } from '../../lib/client/errors.ts'
import { stopExecutions } from '../chaos/kills/executions.ts'
import type { TargetOver } from '../../lib/app/ports/hosts.ts'
import type { FleetHost } from '../support/fleet/host.ts'
import { type Fleet, openFleet } from '../support/fleet/fleet.ts'
import { leaseOf } from '../support/fleet/jobs.ts'
import { slotState } from '../support/fleet/slot-state.ts'
import { eventually } from './support/observe.ts'
import { timeline } from './support/lease.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await openFleet({ hosts: [{ name: 'alpha', pool: 'linux', slots: 1 }] })
})
afterAll(async () => {
  expect(await fleet?.close()).toEqual([])
})

const targetOf = ({ name, directory, reach }: FleetHost): TargetOver<'ssh'> => {
  if (reach.transport !== 'ssh') throw new Error(`${name} is not reached over SSH`)
  return { name, directory, ...reach }
}

const refusal = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof ProblemError ? `${error.status} ${error.code}` : error),
  )

test('an expired lease is lost in every layer at once, also while its execution is stopped', async () => {
  const { client, served } = fleet
  const held = await leaseOf(client, { blueprint: 'linux', ttlSeconds: 60 })
  const { slot } = slotState(fleet.host('alpha'), held.lease.slot?.number ?? 0)
  const waiter = leaseOf(client, { blueprint: 'linux' })
  await stopExecutions(served.endpoints['sfn'] ?? '', [held.id])
  const end = Date.parse(held.lease.expiresAt ?? '')
  await eventually('it is over', () => Date.now() >= end, 90_000)

  const renewal = await refusal(client.renewLease({ id: held.id, body: {} }, held))
  const command = await refusal(client.runCommand({ id: held.id, body: { argv: ['true'] } }, held))
  const released = await client.releaseLease({ id: held.id, body: {} }, held)
  const next = await waiter
  const hosts = createSshHosts({ privateKey: async () => fleet.privateKey })
  const late = await hosts.run(targetOf(fleet.host('alpha')), slot, {
    number: 1,
    argv: ['true'],
    environment: {},
    timeoutSeconds: 9,
    directory: '',
  })
  hosts.disconnect()

  expect([renewal, command]).toEqual(['409 lease_lost', '409 lease_lost'])
  expect(released).toMatchObject({ reason: 'expired' })
  expect(Date.parse(next.lease.activatedAt ?? '') - end).toBeLessThan(120_000)
  expect(late).toMatchObject({ kind: 'refused', code: 'stale' })
  await client.releaseLease({ id: next.id, body: {} }, next)
}, 240_000)

test('an operator extends a lease past its hard maximum; its timeline tells who and why', async () => {
  const { client } = fleet
  const held = await leaseOf(client, { blueprint: 'linux', ttlSeconds: 60, maxHoldSeconds: 60 })
  const before = Date.parse(held.lease.expiresAt ?? '')

  const extended = await client.extendLease({
    id: held.id,
    body: { extendSeconds: 3_600, reason: 'the last build of the year' },
  })

  const events = await timeline(client, held.id)
  expect(Date.parse(extended.expiresAt ?? '')).toBeGreaterThan(before + 3_500_000)
  expect(events.at(-1)).toMatchObject({
    type: 'extended',
    detail: { reason: 'the last build of the year' },
  })
  await client.releaseLease({ id: held.id, body: {} }, held)
})
