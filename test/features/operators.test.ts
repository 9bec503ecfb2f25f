import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, timeline } from './support/lease.ts'
import { eventually } from './support/observe.ts'

let here: Installation
beforeAll(async () => {
  here = await openInstallation({ slots: 1 })
})
afterAll(() => here?.close())

const ask = async () => here.client.createLease({ body: { blueprint: POOL } })
const active = async (id: string) =>
  eventually('it is active', async () => (await here.client.getLease({ id })).status === 'active')

test('a drained host finishes what it has and gets no more; returned, it serves who waits', async () => {
  const held = await activeLease(here.client)
  const names = (await here.pool()).hosts.map(({ name }) => name)
  for (const name of names) await here.client.drainHost({ name, body: { reason: 'new kernel' } })
  const waiting = await ask()

  const explained = await here.client.explainLease({ id: waiting.id })
  await release(here.client, held)
  await destroyed(here.client, held.id)
  const drained = await here.pool()
  for (const name of names) await here.client.returnHost({ name })
  await active(waiting.id)

  expect(explained.summary).toContain('is draining')
  expect(explained.pools.map(({ blocked }) => blocked)).toEqual(['no_host_gives_leases'])
  expect(drained.slots).toMatchObject({ free: 0, withheld: 2 })
  expect(drained.hosts.map(({ state, reason }) => [state, reason])).toEqual([
    ['draining', 'new kernel'],
    ['draining', 'new kernel'],
  ])
  await release(here.client, waiting)
})

test("a disabled blueprint's leases keep their places and are served when it is enabled", async () => {
  const first = await ask()
  await active(first.id)
  await here.client.disableBlueprint({ name: POOL, body: { reason: 'a look' } })
  const waiting = [await ask(), await ask()]
  await release(here.client, first)
  await destroyed(here.client, first.id)

  const explained = await here.client.explainLease({ id: waiting[0]?.id ?? '' })
  const idle = await here.pool()
  await here.client.enableBlueprint({ name: POOL })
  for (const { id } of waiting) await active(id)

  expect(explained.pools.map(({ blocked, rank }) => [blocked, rank])).toEqual([['blueprint_disabled', 1]])
  expect(idle.slots.free).toBe(2)
  for (const lease of waiting) await release(here.client, lease)
})

test('who waits is told who holds what, until when, and its rank', async () => {
  const held = [await activeLease(here.client), await activeLease(here.client)]
  const waiting = [await ask(), await ask()]

  const explained = await here.client.explainLease({ id: waiting[1]?.id ?? '' })

  const slots = explained.pools.flatMap(({ hosts }) => hosts.flatMap((host) => host.slots))
  expect(explained.pools).toMatchObject([{ pool: POOL, rank: 2, blocked: 'queue' }])
  const holders = slots.map(({ holder }) => ({ id: holder?.lease?.id, until: holder?.until }))
  const known = held.map(({ id, lease }) => ({ id, until: lease.expiresAt }))
  expect(new Set(holders)).toEqual(new Set(known))
  for (const lease of [...waiting, ...held]) await release(here.client, lease)
})

test('a failed lease that asked for it keeps its slot until it is released once more', async () => {
  await here.settled() // what others released may still hold its slot
  const body = { blueprint: POOL, onFailure: { holdSeconds: 600 } }
  const { id, token } = await here.client.createLease({ body })
  await active(id)

  const kept = await here.client.releaseLease({ id, body: { outcome: 'failed' } }, { token })
  const held = (await here.pool()).slots.held
  await release(here.client, { id, token })
  const after = await destroyed(here.client, id)

  expect(kept).toMatchObject({ status: 'kept', holdUntil: expect.any(String) })
  expect(held).toBe(1)
  expect(after.reason).toBe('released')
  expect((await timeline(here.client, id)).map(({ type }) => type)).toContain('kept')
})
