import { expect, test } from 'vitest'
import { createToken, listTokens, recognise, revokeToken } from '../../lib/app/tokens/api-tokens.ts'
import { apiTokenKey, leaseKey } from '../../lib/app/store/keys.ts'
import type { World } from '../support/world.ts'
import { openWorld } from '../support/world.ts'
import { itemAt, remove, set } from './support/look.ts'

const HOUR = 3_600_000
const ID = '01J00000000000000000000009'
const DEMAND = { tenant: 'acme', scopes: ['lease'], life: HOUR, note: 'nightly' } as const

/** Random letters of the length that the service makes them in. */
async function service(): Promise<World['ports']> {
  const world = await openWorld()
  const opaque = () => world.ports.chance.opaque().replace(/g/g, 'x').padEnd(26, 'q')
  return { ...world.ports, chance: { ...world.ports.chance, opaque } }
}

/** A service with one lease, whose token is of the form that leases have. */
async function withLease() {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  const token = `drydock_lease_${leaseId}_${'A'.repeat(43)}`
  await set(world, leaseKey(leaseId), { tokenHash: world.ports.secrets.hash(token) })
  return { world, leaseId, token }
}

test('a token opens for its tenant and scopes until its time is over, and not in that instant', async () => {
  const world = await openWorld()
  let now = world.ports.clock.now()
  const ports = { ...(await service()), clock: { ...world.ports.clock, now: () => now } }
  const { token, record } = await createToken(ports, DEMAND)

  const caller = await recognise(ports, token)
  now += HOUR - 1
  const last = await recognise(ports, token)
  now += 1
  const over = await recognise(ports, token)

  expect(caller).toEqual({ principal: `api-token/${record.id}`, tenant: 'acme', scopes: ['lease'] })
  expect(last).toEqual(caller)
  expect(over).toBeUndefined()
})

test('the secret is shown once and stored nowhere', async () => {
  const ports = await service()
  const { token, record } = await createToken(ports, DEMAND)
  const secret = token.slice(-52)

  const hash = ports.secrets.hash(secret)
  const stored = await ports.table.get(apiTokenKey(record.id))
  const listed = await listTokens(ports)

  expect(JSON.stringify(stored)).not.toContain(secret)
  expect(listed).toEqual([record])
  expect(stored?.['hash']).toBe(hash)
  expect(JSON.stringify(listed)).not.toContain(hash)
})

test('a token that is revoked opens nothing, and is listed no more', async () => {
  const ports = await service()
  const { token, record } = await createToken(ports, DEMAND)

  const revoked = await revokeToken(ports, record.id)

  expect(revoked).toEqual({ ok: true, value: record })
  expect(await recognise(ports, token)).toBeUndefined()
  expect(await listTokens(ports)).toEqual([])
  expect(await revokeToken(ports, record.id)).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('a token that was collected while it was listed is left out', async () => {
  const world = await openWorld()
  const { record } = await createToken(world.ports, DEMAND)
  await remove(world, itemAt(world, apiTokenKey(record.id)))

  expect(await listTokens(world.ports)).toEqual([])
})

test('an id that is taken already makes no token', async () => {
  const ports = await service()
  const chance = { ...ports.chance, ulid: () => ID }
  await createToken({ ...ports, chance }, DEMAND)

  const again = createToken({ ...ports, chance }, DEMAND)

  await expect(again).rejects.toThrow('taken already')
})

test.each([
  ['nothing', ''],
  ['a token of another kind', 'drydock_boat_x'],
  ['an id that nobody has', `drydock_api_${ID}_${'a'.repeat(52)}`],
  ['a lease that is not there', `drydock_lease_${ID}_${'A'.repeat(43)}`],
])('%s is nobody', async (_, bearer) => {
  const ports = await service()

  expect(await recognise(ports, bearer)).toBeUndefined()
})

test('another secret with the id of a token is nobody', async () => {
  const ports = await service()
  const { token } = await createToken(ports, DEMAND)

  expect(await recognise(ports, `${token.slice(0, -52)}${'a'.repeat(52)}`)).toBeUndefined()
})

test('a lease token is its lease, without a scope; another one is nobody', async () => {
  const { world, leaseId, token } = await withLease()

  const caller = await recognise(world.ports, token)
  const forged = await recognise(world.ports, `${token.slice(0, -1)}B`)

  expect(caller).toEqual({ principal: `lease/${leaseId}`, tenant: 'acme', scopes: [], lease: leaseId })
  expect(forged).toBeUndefined()
})
