import { expect, test } from 'vitest'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { probeHost } from '../../../lib/app/fleet/probe-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import type { HostAnswer } from '../../../lib/app/ports/hosts.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { hostKey } from '../../../lib/app/store/keys.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'
import { by, hostNow, poolNow, set, slotsNow } from '../support/look.ts'

const failed: HostAnswer<never> = { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'no shell' }

const fails = (world: World, verb: 'open' | 'probe' | 'close', times: number, host = 'alpha') => {
  for (let count = 0; count < times; count++) world.hosts.answerNext(verb, failed, host)
}

test('a host that fails three leases in a row is quarantined, and whoever comes next goes elsewhere', async () => {
  const world = await openWorld({ hosts: { alpha: 3, beta: 4 } })
  await changeHost(world.ports, 'beta', { state: 'draining' }, by(world))
  world.halt(true)
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await world.ask()).leaseId)
  await changeHost(world.ports, 'beta', { state: 'active' }, by(world))
  fails(world, 'open', 100)

  world.halt(false)
  await world.settle()
  ids.push((await world.ask()).leaseId)
  await world.settle()

  const alpha = hostNow(world, 'alpha')
  expect(alpha).toMatchObject({ state: 'quarantined', failuresInARow: 3 })
  expect(alpha.reason).toBe('3 leases in a row failed on it, the last one: script_failed (no shell)')
  for (const id of ids) {
    expect(await world.lease(id)).toMatchObject({ status: 'active', slot: { host: 'beta' } })
  }
  expect(violations(world.table.items())).toEqual([])
})

test('two failures in a row are no reason yet, and an activation ends the row', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  fails(world, 'open', 2)
  const { leaseId } = await world.ask()
  await world.advance(5_000)
  const first = await world.lease(leaseId)
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  fails(world, 'open', 2)
  const next = await world.ask()

  await world.advance(5_000)

  expect(first).toMatchObject({ status: 'active', failures: [{ host: 'alpha' }, { host: 'alpha' }] })
  expect((await world.lease(next.leaseId)).failures).toHaveLength(2)
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'active', failuresInARow: 0 })
})

test('a cleaning that is confirmed does not end the row', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  world.halt(true)
  await world.ask()
  await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
  fails(world, 'open', 1)

  world.halt(false)
  await world.advance(5_000)

  expect(slotsNow(world, 'alpha')).toMatchObject([{ state: 'withheld' }])
  expect(hostNow(world, 'alpha').failuresInARow).toBe(1)
})

test('a return by hand begins the row anew', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  await set(world, hostKey('alpha'), { failuresInARow: 2, state: 'disabled' })

  await changeHost(world.ports, 'alpha', { state: 'active' }, by(world))

  expect(hostNow(world, 'alpha').failuresInARow).toBe(0)
})

test('a passing probe brings a quarantined host back, and whoever waits is served', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  fails(world, 'open', 3)
  const broken = await world.ask()
  await world.settle()
  const sick = hostNow(world, 'alpha').state
  const { leaseId } = await world.ask()
  await world.advance(20_000)

  expect(sick).toBe('quarantined')
  expect(await world.lease(broken.leaseId)).toMatchObject({ reason: 'activation_failed' })
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'active', failuresInARow: 0 })
  expect((await world.lease(leaseId)).status).toBe('active')
  expect(violations(world.table.items())).toEqual([])
})

test('a probe that fails is made again ever later, at most every five minutes, and says why to who waits', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  await changeHost(world.ports, 'alpha', { state: 'quarantined', reason: 'sick' }, by(world))
  await world.advance(10_000)
  fails(world, 'probe', 10)

  const pauses: (number | string)[] = []
  for (let tries = 0; tries < 8; tries++) {
    const route = await probeHost(world.ports, 'alpha', tries)
    pauses.push(route.route === 'AGAIN' ? route.seconds : route.route)
  }

  expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'quarantined', reason: 'sick' })
  expect(poolNow(world, 'linux')['trouble']).toBe('host alpha: script_failed')
})

test('a probe that was meant for an earlier quarantine does not cut the pause of this one short', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const quarantined = { state: 'quarantined', relapses: 2, changes: 7 } as const
  await set(world, hostKey('alpha'), { ...quarantined, changed: { by: 'execution', at: by(world).now } })
  await world.advance(8_000)

  const early = await probeHost(world.ports, 'alpha', 1)
  const asked = world.hosts.calls.filter((call) => call.verb === 'probe').length
  await world.advance(12_000)
  const late = await probeHost(world.ports, 'alpha', 1)

  expect(early).toEqual({ route: 'AGAIN', seconds: 12 })
  expect(late).toEqual({ route: 'DONE' })
  expect(world.hosts.calls.filter((call) => call.verb === 'probe')).toHaveLength(asked + 1)
})

test('a host that is too busy to be probed is asked again', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  await changeHost(world.ports, 'alpha', { state: 'quarantined' }, by(world))
  await world.advance(10_000)
  world.hosts.answerNext('probe', { kind: 'busy', detail: 'MaxSessions' })

  const route = await probeHost(world.ports, 'alpha', 1)

  expect(route).toEqual({ route: 'AGAIN', seconds: 20 })
  expect(poolNow(world, 'linux')['trouble']).toBe('host alpha: busy')
})

test.each(['draining', 'disabled'] as const)(
  'a host that is %s by now is not probed, and not brought back',
  async (state) => {
    const world = await openWorld({ hosts: { alpha: 1 } })
    await changeHost(world.ports, 'alpha', { state: 'quarantined' }, by(world))
    await changeHost(world.ports, 'alpha', { state }, by(world))

    const route = await probeHost(world.ports, 'alpha', 1)

    expect(route).toEqual({ route: 'DONE' })
    expect(hostNow(world, 'alpha').state).toBe(state)
    expect(world.hosts.calls.filter((call) => call.verb === 'probe')).toHaveLength(1)
  },
)

test('a quarantined host that nobody probes gets somebody who does from the sweep', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  await changeHost(world.ports, 'alpha', { state: 'quarantined' }, by(world))

  const findings = await sweep(world.ports)
  await world.advance(20_000)

  expect(findings.quarantined).toBe(1)
  expect(hostNow(world, 'alpha').state).toBe('active')
})

test('a host that an operator has drained is not quarantined over it', async () => {
  const world = await openWorld({ hosts: { alpha: 3, beta: 3 } })
  world.halt(true)
  for (let count = 0; count < 6; count++) await world.ask()
  fails(world, 'open', 3)
  await changeHost(world.ports, 'alpha', { state: 'draining', reason: 'a new disk' }, by(world))

  world.halt(false)
  await world.settle()

  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'draining',
    reason: 'a new disk',
    failuresInARow: 3,
  })
  expect(violations(world.table.items())).toEqual([])
})
