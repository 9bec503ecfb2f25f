import { expect, test } from 'vitest'
import { quarantine } from '../../lib/app/fleet/quarantine.ts'
import { changeHost } from '../../lib/app/fleet/change-host.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { cleanSlot } from '../../lib/app/lifecycle/clean.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { hostKey, slotKey } from '../../lib/app/store/keys.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'
import { dirtyWorld, releasedWorld } from './races/arrange.ts'
import { late } from './support/late.ts'
import { by, hostNow, itemAt, remove, set, slotsNow, statesNow } from './support/look.ts'

const gone: HostAnswer<never> = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' }
const unknown = (seen: string | null): HostAnswer<never> => ({
  kind: 'refused',
  code: 'unknown',
  detail: 'another disk',
  seen,
})
const clean = async (world: World, tries = 0) => cleanSlot(world.ports, 'alpha', 0, tries)

test.each([
  ['is clean', 0],
  ['is not there', 7],
])('a slot that %s is left alone', async (_, number) => {
  const world = await openWorld()
  const calls = world.hosts.calls.length

  const route = await cleanSlot(world.ports, 'alpha', number, 0)

  expect(route).toEqual({ route: 'DONE' })
  expect(world.hosts.calls).toHaveLength(calls)
})

test('a slot whose host is not there cannot be cleaned by anybody', async () => {
  const { world } = await dirtyWorld(0)
  await remove(world, itemAt(world, hostKey('alpha')))

  expect(await clean(world)).toEqual({ route: 'DONE' })
  expect(statesNow(world, 'alpha')).toEqual(['dirty'])
})

test('a broken slot is cleaned like a dirty one', async () => {
  const { world } = await dirtyWorld(1)
  await set(world, slotKey('alpha', 0), { state: 'broken' })

  const route = await clean(world)

  expect(route).toEqual({ route: 'DONE' })
  expect(statesNow(world, 'alpha')).toEqual(['held'])
  expect(violations(world.table.items())).toEqual([])
})

test('a host that is too busy to clean is asked again', async () => {
  const { world } = await dirtyWorld(0)
  world.hosts.answerNext('close', { kind: 'busy', detail: 'MaxSessions' })

  const route = await clean(world, 1)

  expect(route).toEqual({ route: 'AGAIN', seconds: 2 })
  expect(hostNow(world, 'alpha').reason).toBe('busy: MaxSessions')
})

test('one that is too busy for a minute is quarantined, and says so', async () => {
  const { world } = await dirtyWorld(0)
  world.hosts.answerNext('close', { kind: 'busy', detail: 'MaxSessions' })

  await clean(world, 5)

  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'quarantined' })
  expect(hostNow(world, 'alpha').reason).toContain('busy (MaxSessions)')
})

test.each<[string, readonly HostAnswer<never>[], number]>([
  ['cannot be reached', [gone], 1],
  ['names the same nonce again', [unknown(null)], 1],
  ['has another nonce each time', [unknown('one'), unknown('two')], 2],
  ['is lost on the way', [unknown('one'), gone], 2],
])('a slot that is to be begun anew on a host that %s stays dirty', async (_, answers, inits) => {
  const { world } = await dirtyWorld(0)
  world.hosts.reimage('alpha')
  const before = world.hosts.calls.filter((call) => call.verb === 'init').length
  for (const answer of answers) world.hosts.answerNext('init', answer)

  const route = await clean(world)
  const again = await clean(world)

  expect(route.route).toBe('AGAIN')
  expect(again.route).toBe('DONE')
  expect(world.hosts.calls.filter((call) => call.verb === 'init')).toHaveLength(before + inits + 1)
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})

test('a host that loses its disk between two calls gets its slots under a new name all the same', async () => {
  const { world } = await dirtyWorld(0)
  world.hosts.answerNext('close', unknown('another'))
  world.hosts.answerNext('init', unknown(null))
  world.hosts.reimage('alpha')

  const route = await clean(world)

  expect(route).toEqual({ route: 'DONE' })
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})

test('a host that does not answer its first probe gives no slot, and is asked again', async () => {
  const world = await openWorld()
  await forgetLevel(world)
  world.hosts.answerNext('probe', gone)

  const first = await clean(world)
  const during = statesNow(world, 'alpha')
  const again = await clean(world, 1)

  expect([first, during]).toEqual([{ route: 'AGAIN', seconds: 1 }, ['dirty']])
  expect(again).toEqual({ route: 'DONE' })
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect(hostNow(world, 'alpha').isolation).toBe('user')
})

test('a host that shows another key is quarantined at its first cleaning, with that reason', async () => {
  const world = await openWorld()
  await forgetLevel(world)
  const other = {
    kind: 'failed',
    fault: 'host',
    code: 'host_key_mismatch',
    detail: 'not the pinned one',
  } as const
  world.hosts.answerNext('probe', other)
  world.hosts.answerNext('init', other)
  world.hosts.answerNext('close', other)

  await clean(world)

  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'quarantined',
    reason: 'host_key_mismatch: not the pinned one',
  })
  expect(statesNow(world, 'alpha')).toEqual(['dirty'])
})

test('a host that shows another key when a slot is cleaned is quarantined at once', async () => {
  const { world } = await dirtyWorld(0)
  const other = { kind: 'failed', fault: 'host', code: 'script_changed', detail: 'another hash' } as const
  world.hosts.answerNext('close', other)

  await clean(world)

  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'quarantined',
    reason: 'script_changed: another hash',
  })
})

/** As after its making: it was never probed, and its slot was never cleaned. */
async function forgetLevel(world: World): Promise<void> {
  await world.table.write({
    kind: 'update',
    key: hostKey('alpha'),
    set: {},
    remove: ['isolation'],
    when: { name: 'by hand', all: [] },
  })
  const [slot] = slotsNow(world, 'alpha')
  if (slot?.state !== 'free') throw new Error('not as arranged')
  await remove(world, { PK: 'F#linux', SK: slot.token })
  await set(world, slotKey('alpha', 0), { state: 'dirty' })
}

test('a slot that is set aside by two at once has one who cleans it', async () => {
  const { world, from } = await releasedWorld(0)
  const { ports } = late(world, 'slot_held_by_lease', async () => finalizeLease(world.ports, from.id, false))

  const route = await finalizeLease(ports, from.id, false)
  world.halt(false)
  await world.settle()

  expect(route).toEqual({ route: 'DONE' })
  expect(statesNow(world, 'alpha')).toEqual(['free'])
  expect(violations(world.table.items())).toEqual([])
})

test('the repositories that a slot was used for last are remembered, the last one first, and no more than three', async () => {
  const repository = (name: string) => ({
    PK: `G#${name}`,
    SK: 'META',
    name,
    url: `https://example.com/${name}.git`,
    defaultBranch: 'main',
    allowFile: false,
    version: 1,
  })
  const world = await openWorld()
  for (const name of ['a', 'b', 'c', 'd']) {
    await world.table.write({ kind: 'put', item: repository(name), when: { name: 'by hand', all: [] } })
  }

  for (const name of ['a', 'b', 'c', 'd', 'c']) {
    const { leaseId } = await world.ask({ blueprint: 'checkout', repository: name })
    await world.settle()
    await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
    await world.settle()
  }

  expect(slotsNow(world, 'alpha')[0]?.warm).toEqual(['c', 'd', 'b'])
})

test('a host that an operator has drained in the meantime is not quarantined, and nobody probes it', async () => {
  const world = await openWorld()
  const probes: string[] = []
  const executions = { ...world.ports.executions, probeHost: async (host: string) => void probes.push(host) }
  await changeHost(world.ports, 'alpha', { state: 'draining', reason: 'a new disk' }, by(world))

  await quarantine({ ...world.ports, executions }, 'alpha', 'it failed', by(world))
  await quarantine({ ...world.ports, executions }, 'nowhere', 'it failed', by(world))

  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'draining', reason: 'a new disk' })
  expect(probes).toEqual([])
})
