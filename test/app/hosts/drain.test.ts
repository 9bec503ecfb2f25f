import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { HostChange } from '../../../lib/app/fleet/change-host.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { settleHost } from '../../../lib/app/fleet/settle-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { catalogue, holder, openWorld } from '../../support/world.ts'
import { by, hostNow, leasesNow, slotsNow, statesNow } from '../support/look.ts'

const MINUTE = 60_000
const change = async (world: World, to: HostChange) => changeHost(world.ports, 'alpha', to, by(world))
const release = async (world: World, id: string) => releaseLease(world.ports, holder(id), id, 'ok')

test.each(['draining', 'disabled', 'quarantined'] as const)(
  'a host that is %s gives no slot, however many are free, and whoever asks waits',
  async (state) => {
    const world = await openWorld({ hosts: { alpha: 2 } })
    await change(world, { state })

    const { leaseId } = await world.ask()
    await world.settle()

    expect((await world.lease(leaseId)).status).toBe('pending')
    expect(statesNow(world, 'alpha')).toEqual(['withheld', 'withheld'])
    expect(violations(world.table.items())).toEqual([])
  },
)

test('a drain leaves what is held to its end; only then the slot is withheld', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  const { leaseId } = await world.ask()
  await world.settle()

  const drained = await change(world, { state: 'draining', reason: 'a new kernel' })
  const during = statesNow(world, 'alpha').toSorted()
  const active = await world.lease(leaseId)
  await release(world, leaseId)
  await world.settle()

  expect(drained).toMatchObject({
    ok: true,
    value: { state: 'draining', reason: 'a new kernel', changed: { by: 'operator' } },
  })
  expect(during).toEqual(['held', 'withheld'])
  expect(active.status).toBe('active')
  expect(statesNow(world, 'alpha')).toEqual(['withheld', 'withheld'])
  expect(violations(world.table.items())).toEqual([])
})

test('a return frees what was withheld and serves who waits, at once and in order', async () => {
  const world = await openWorld({ hosts: { alpha: 2 } })
  await change(world, { state: 'draining', reason: 'a new kernel' })
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await world.ask()).leaseId)
  await world.settle()

  await change(world, { state: 'active' })

  const statuses = await Promise.all(ids.map(async (id) => (await world.lease(id)).status))
  expect(statuses).toEqual(['acquired', 'acquired', 'pending'])
  expect(hostNow(world, 'alpha')).not.toHaveProperty('reason')
  expect(violations(world.table.items())).toEqual([])
})

test('a host with more slots than one transaction holds is drained and returned whole', async () => {
  const world = await openWorld({ hosts: { alpha: 64 } })

  await change(world, { state: 'draining' })
  const drained = new Set(statesNow(world, 'alpha'))
  const tokens = world.table.items().filter((item) => item.PK === 'F#linux').length
  await change(world, { state: 'active' })

  expect([drained, tokens]).toEqual([new Set(['withheld']), 0])
  expect(statesNow(world, 'alpha')).toEqual(Array(64).fill('free'))
  expect(violations(world.table.items())).toEqual([])
})

test('a pause that was to last until a moment is ended by the first sweep after it', async () => {
  const world = await openWorld()
  await change(world, { state: 'draining', until: world.ports.clock.now() + 10 * MINUTE })
  const { leaseId } = await world.ask()
  await world.advance(10 * MINUTE - 1)
  await sweep(world.ports)
  const before = hostNow(world, 'alpha').state
  await world.advance(1)

  await sweep(world.ports)
  await world.settle()

  expect(before).toBe('draining')
  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'active', changed: { by: 'sweep' } })
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('a pause without an end is not ended by anybody but an operator', async () => {
  const world = await openWorld()
  await change(world, { state: 'disabled' })
  await world.advance(24 * 60 * MINUTE)

  await sweep(world.ports)

  expect(hostNow(world, 'alpha').state).toBe('disabled')
})

test('the same change again is a change: its reason and its end are the last ones', async () => {
  const world = await openWorld()
  const { changes } = hostNow(world, 'alpha')
  await change(world, { state: 'draining', reason: 'one', until: 1 })

  await change(world, { state: 'draining', reason: 'two' })

  expect(hostNow(world, 'alpha')).toMatchObject({ reason: 'two', changes: changes + 2 })
  expect(hostNow(world, 'alpha').changed).not.toHaveProperty('until')
})

test('a host that is not there is not changed, nor settled', async () => {
  const world = await openWorld()

  const refused = await changeHost(world.ports, 'nowhere', { state: 'draining' }, by(world))

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
  expect(await settleHost(world.ports, 'nowhere', 'operator')).toBe(0)
})

test('a document that is applied does not undo a drain, and new slots of the host are not offered', async () => {
  const world = await openWorld()
  await change(world, { state: 'draining', reason: 'a new disk' })

  await applyConfig(world.ports, catalogue({ hosts: { alpha: 3 } }), { dryRun: false, remove: false })
  await world.settle()
  const { leaseId } = await world.ask()
  await world.settle()

  expect(hostNow(world, 'alpha')).toMatchObject({ state: 'draining', reason: 'a new disk', capacity: 3 })
  expect(statesNow(world, 'alpha')).toEqual(['withheld', 'withheld', 'withheld'])
  expect((await world.lease(leaseId)).status).toBe('pending')
  expect(violations(world.table.items())).toEqual([])
})

test('a slot that is dirty while its host is drained and returned follows it, too', async () => {
  const world = await openWorld({ hosts: { alpha: 1 } })
  const { leaseId } = await world.ask()
  await world.settle()
  const failed = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' } as const
  for (let count = 0; count < 4; count++) world.hosts.answerNext('close', failed)
  await release(world, leaseId)
  await world.settle()
  const dirty = statesNow(world, 'alpha')

  await change(world, { state: 'draining' })
  const [drained] = slotsNow(world, 'alpha')
  await change(world, { state: 'active' })
  const next = await world.ask()
  await world.advance(5_000)

  expect(dirty).toEqual(['dirty'])
  expect(drained).toMatchObject({ state: 'dirty', offered: false })
  expect((await world.lease(next.leaseId)).status).toBe('active')
  expect(leasesNow(world, 'pending')).toEqual([])
  expect(violations(world.table.items())).toEqual([])
})

test('slots that nobody brought to what their host asks for are found and counted by the sweep', async () => {
  const world = await openWorld({ hosts: { alpha: 3 } })
  const { leaseId } = await world.ask()
  await world.settle()
  await world.table.write({
    kind: 'update',
    key: { PK: 'H#alpha', SK: 'META' },
    set: { state: 'draining', changes: 1 },
    when: { name: 'an operator whose process died', all: [] },
  })

  const first = await sweep(world.ports)
  const second = await sweep(world.ports)

  expect([first.astray, second.astray]).toEqual([3, 0])
  expect((await world.lease(leaseId)).status).toBe('active')
  expect(violations(world.table.items())).toEqual([])
})
