import { expect, test } from 'vitest'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../support/invariants.ts'
import type { World } from '../support/world.ts'
import { holder, openWorld } from '../support/world.ts'

const HOUR = 3_600_000

/** Failed, and left standing for a look; another lease waits for the slot. */
async function keptWorld(): Promise<{ readonly world: World; readonly id: string; readonly next: string }> {
  const world = await openWorld()
  const { leaseId: id } = await world.ask({ durations: { keepFor: HOUR } })
  const { leaseId: next } = await world.ask({ durations: { wait: 4 * HOUR } })
  await world.settle()
  await releaseLease(world.ports, holder(id), id, 'failed')
  await world.settle()
  return { world, id, next }
}

test('a failed lease that asked for it keeps its slot, and nobody else gets it', async () => {
  const { world, id, next } = await keptWorld()

  await world.advance(HOUR - 60_000)

  expect(await world.lease(id)).toMatchObject({ status: 'kept', slot: { host: 'alpha', number: 0 } })
  expect((await world.lease(next)).status).toBe('pending')
  expect(violations(world.table.items())).toEqual([])
})

test('its time over, it is cleaned and its slot goes to the next', async () => {
  const { world, id, next } = await keptWorld()

  await world.advance(HOUR + 5_000)

  expect(await world.lease(id)).toMatchObject({ status: 'destroyed', reason: 'expired' })
  expect((await world.lease(next)).status).toBe('active')
})

test('with Step Functions down the sweep ends it', async () => {
  const { world, id } = await keptWorld()
  world.halt(true)

  await world.advance(HOUR + 60_000)
  await sweep(world.ports)

  expect((await world.lease(id)).status).toBe('released')
})

test.each([
  ['its holder', holder, 'released'],
  ['an operator', () => ({ principal: 'ops', tenant: 'ops', scopes: ['operator'] as const }), 'operator'],
])('%s ends it before its time', async (_, caller, reason) => {
  const { world, id, next } = await keptWorld()

  await releaseLease(world.ports, caller(id), id, 'ok')
  await world.settle()

  expect(await world.lease(id)).toMatchObject({ status: 'destroyed', reason })
  expect((await world.lease(next)).status).toBe('active')
  expect(violations(world.table.items())).toEqual([])
})

test('said once more that it failed, it stays all the same: the first answer may have been lost', async () => {
  const { world, id } = await keptWorld()

  const again = await releaseLease(world.ports, holder(id), id, 'failed')

  expect(again).toMatchObject({ ok: true, value: { status: 'kept' } })
  expect((await world.lease(id)).status).toBe('kept')
})

test('nothing runs through it any more', async () => {
  const { world, id } = await keptWorld()

  const ran = await runCommand(
    world.ports,
    holder(id),
    id,
    { argv: ['true'], environment: {}, timeoutSeconds: 1, directory: '.' },
    { hash: 'key', requestHash: 'request' },
  )

  expect(ran).toMatchObject({ ok: false, refusal: { refused: 'lease_lost' } })
})

test.each(['ok', 'host_suspect'] as const)('a lease that ends %s is not kept', async (outcome) => {
  const world = await openWorld()
  const { leaseId } = await world.ask({ durations: { keepFor: HOUR } })
  await world.settle()

  await releaseLease(world.ports, holder(leaseId), leaseId, outcome)
  await world.settle()

  expect((await world.lease(leaseId)).status).toBe('destroyed')
})

test.each([
  [4 * HOUR + 1, 'too_long'],
  [59_000, 'too_short'],
])('to be kept for %i ms is refused', async (keepFor, code) => {
  const world = await openWorld()

  const refused = await world.tryAsk({ durations: { keepFor } })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
})
