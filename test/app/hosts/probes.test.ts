import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { probeHost } from '../../../lib/app/fleet/probe-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import type { HostAnswer, Probe } from '../../../lib/app/ports/hosts.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'
import { by, hostNow, statesNow } from '../support/look.ts'

const MINUTE = 60_000
const failed = (code: 'unreachable' | 'script_changed' | 'host_key_mismatch'): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'host',
  code,
  detail: 'x',
})
const probes = (world: World): number => world.hosts.calls.filter(({ verb }) => verb === 'probe').length

/** A host whose probe says what it is told to. */
async function worldWith(hosts: Readonly<Record<string, number>> = { alpha: 1 }) {
  const said: { facts: Partial<Probe> } = { facts: {} }
  const world = await openWorld({
    hosts,
    fakeHosts: { probe: () => said.facts, isolation: () => said.facts.isolation ?? 'user' },
  })
  return { world, said }
}

test('a healthy host is probed every ten minutes, and what was found is kept', async () => {
  const { world } = await worldWith()
  await sweep(world.ports)
  await world.settle()
  const begun = probes(world)

  for (let minute = 0; minute < 30; minute++) {
    await world.advance(MINUTE)
    await sweep(world.ports)
    await world.settle()
  }

  expect(probes(world) - begun).toBe(3)
  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'active',
    isolation: 'user',
    probedAt: world.ports.clock.now(),
    probe: { git: '2.39.5', clockSkew: 0, diskFreeBytes: 10 ** 12 },
  })
})

test.each<[Partial<Probe>, string]>([
  [{ git: '2.20.1' }, 'git_too_old: git 2.20.1, but 2.39 or newer is needed'],
  [{ diskFreeBytes: 1024 ** 2, diskTotalBytes: 10 ** 12 }, 'disk_nearly_full: 1 MiB are free'],
  [{ clock: 0 }, 'clock_wrong: its clock is 1800000000 s behind'],
  [{ isolation: 'process' }, 'isolation_too_low: the host reaches level process, and user is asked for'],
])('a probe that finds %o quarantines the host, until one finds it well again', async (facts, reason) => {
  const { world, said } = await worldWith()
  said.facts = facts

  await probeHost(world.ports, 'alpha', 0)
  const sick = hostNow(world, 'alpha')
  await world.advance(5 * MINUTE)
  const still = hostNow(world, 'alpha').state
  said.facts = {}
  await world.advance(6 * MINUTE)

  expect(sick).toMatchObject({ state: 'quarantined', reason })
  expect(still).toBe('quarantined')
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'active' })
  expect(hostNow(world, 'alpha').probe).not.toHaveProperty('trouble')
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect(violations(world.table.items())).toEqual([])
})

test.each(['script_changed', 'host_key_mismatch'] as const)(
  'a host that answers a lease with %s is quarantined at once',
  async (code) => {
    const { world } = await worldWith({ alpha: 1, beta: 1 })
    await changeHost(world.ports, 'beta', { state: 'draining' }, by(world))
    world.halt(true)
    const { leaseId } = await world.ask()
    await changeHost(world.ports, 'beta', { state: 'active' }, by(world))
    world.hosts.answerNext('open', failed(code))

    world.halt(false)
    await world.settle()

    expect(hostNow(world, 'alpha')).toMatchObject({ state: 'quarantined', reason: `${code}: x` })
    expect(await world.lease(leaseId)).toMatchObject({ status: 'active', slot: { host: 'beta' } })
  },
)

test('an active host that leaves three probes in a row without an answer is quarantined within a minute', async () => {
  const { world } = await worldWith()
  for (let count = 0; count < 3; count++) world.hosts.answerNext('probe', failed('unreachable'))

  await world.ports.executions.probeHost('alpha', 'now')
  await world.advance(10_000)
  const before = hostNow(world, 'alpha').state
  await world.advance(15_000)

  expect(before).toBe('active')
  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'quarantined',
    reason: '3 probes in a row failed, the last one: unreachable (x)',
  })
})

test('an active host that is too busy to answer is asked on, and stays', async () => {
  const { world } = await worldWith()
  for (let count = 0; count < 5; count++)
    world.hosts.answerNext('probe', { kind: 'busy', detail: 'MaxSessions' })

  await world.ports.executions.probeHost('alpha', 'now')
  await world.advance(MINUTE)

  expect(hostNow(world, 'alpha').state).toBe('active')
  expect(hostNow(world, 'alpha')).not.toHaveProperty('reason')
})

test('a host that has failed a lease is probed at once, and one that is unfit gets no other', async () => {
  const { world, said } = await worldWith({ alpha: 2 })
  said.facts = { diskFreeBytes: 0 }
  world.hosts.answerNext('open', { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'no room' })

  const first = await world.ask()
  await world.settle()
  const next = await world.ask()
  await world.settle()

  expect((await world.lease(first.leaseId)).failures).toHaveLength(1)
  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'quarantined',
    reason: 'disk_nearly_full: 0 MiB are free',
  })
  expect((await world.lease(next.leaseId)).status).toBe('pending')
})

test('a host that passes its probes and fails every lease is let in ever more rarely', async () => {
  const { world } = await worldWith()
  for (let count = 0; count < 100; count++) world.hosts.answerNext('open', failed('unreachable'))
  const states: string[] = []

  for (let second = 0; second < 600; second++) {
    if (second % 30 === 0) await world.ask({ durations: { wait: 25_000 } })
    await world.advance(1_000)
    states.push(hostNow(world, 'alpha').state)
  }

  const entries = states.filter(
    (state, at) => state === 'quarantined' && states[at - 1] !== 'quarantined',
  ).length
  expect(entries).toBeLessThanOrEqual(6)
  expect(hostNow(world, 'alpha').relapses).toBeGreaterThanOrEqual(5)
  expect(world.hosts.calls.filter(({ verb }) => verb === 'open').length).toBeLessThan(20)
})

test('a lease that works ends the relapses of its host', async () => {
  const { world } = await worldWith()
  for (let count = 0; count < 3; count++) world.hosts.answerNext('open', failed('unreachable'))
  await world.ask()
  await world.advance(30_000)
  const relapsed = hostNow(world, 'alpha').relapses

  const { leaseId } = await world.ask()
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')

  expect(relapsed).toBe(1)
  expect(hostNow(world, 'alpha')).toMatchObject({ relapses: 0, failuresInARow: 0, failures: 3 })
})

test('a host that an operator returns is probed at once', async () => {
  const { world, said } = await worldWith()
  await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
  said.facts = { git: '1.7' }

  await changeHost(world.ports, 'alpha', { state: 'active' }, by(world))
  await world.settle()

  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'quarantined' })
})
