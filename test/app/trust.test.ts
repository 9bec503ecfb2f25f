import { expect, test } from 'vitest'
import type { Catalogue } from '../../lib/app/config/read-config.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import { reclaim } from '../../lib/app/lifecycle/reclaim.ts'
import { sweep } from '../../lib/app/repair/sweep/sweep.ts'
import type { Caller } from '../../lib/domain/access.ts'
import type { Lease } from '../../lib/domain/lease.ts'
import { chooseToken } from '../../lib/domain/matching.ts'
import { violations } from '../support/invariants.ts'
import { CI, holder, openWorld } from '../support/world.ts'
import { hostNow, slotsNow } from './support/look.ts'

const FORK: Caller = { principal: 'api-token/fork', tenant: 'forks', scopes: ['lease'] }
const COPY = { blueprint: 'checkout', repository: 'example', commit: 'main' }

const checkout = (allow: Catalogue['blueprints'][string]['allow']): Catalogue['blueprints'] => ({
  checkout: { name: 'checkout', type: 'working-copy', pools: ['linux'], allow, limits: {} },
})
const OPEN = checkout(['acme', { tenant: 'forks', trust: 'untrusted' }])

/** A world that tells of each checkout whether it threw away a copy that its slot had. */
async function worldOf(slots = 1) {
  const world = await openWorld({ hosts: { alpha: slots }, blueprints: OPEN })
  const had = new Map<number, string>()
  const anew: boolean[] = []
  const note = (lease: Lease) => {
    if (!('slot' in lease) || !lease.slot || !('copy' in lease) || lease.copy === undefined) return
    const { number } = lease.slot
    anew.push((had.get(number) ?? lease.copy) !== lease.copy)
    had.set(number, lease.copy)
  }
  const use = async (caller: Caller, demand: object = COPY): Promise<void> => {
    const { leaseId } = await world.ask(demand, caller)
    await world.advance(5_000)
    const lease = await world.lease(leaseId)
    if (lease.status !== 'active') throw new Error(`the lease is ${lease.status}`)
    note(lease)
    await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
    await world.settle()
  }
  return { world, use, note, anew }
}

test('after untrusted code the next trusted lease gets copies that are made anew, and the one after it warm ones', async () => {
  const { world, use, anew } = await worldOf()

  for (const caller of [CI, FORK, CI, CI]) await use(caller)

  expect(anew).toEqual([false, false, true, false])
  expect(slotsNow(world, 'alpha')).toMatchObject([{ state: 'free', warm: ['example'] }])
  expect(slotsNow(world, 'alpha')[0]).not.toHaveProperty('tainted')
  expect(violations(world.table.items())).toEqual([])
})

test('an untrusted lease after an untrusted one may use what it left', async () => {
  const { world, use, anew } = await worldOf()

  for (const caller of [FORK, FORK]) await use(caller)

  expect(anew).toEqual([false, false])
  expect(slotsNow(world, 'alpha')).toMatchObject([{ tainted: true, warm: ['example'] }])
})

test('a slot that is handed over is marked as one that was taken is', async () => {
  const { world, note, anew } = await worldOf()
  const [first, second, third] = [
    await world.ask(COPY, CI),
    await world.ask(COPY, FORK),
    await world.ask(COPY, CI),
  ]
  await world.settle()

  for (const { leaseId } of [first, second, third]) {
    note(await world.lease(leaseId))
    await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
    await world.settle()
  }

  expect(anew).toEqual([false, false, true])
  expect(slotsNow(world, 'alpha')[0]).not.toHaveProperty('tainted')
})

test('a lease of a bare slot neither uses nor rebuilds what the slot keeps', async () => {
  const { world, use, anew } = await worldOf()
  await use(FORK)

  await use(CI, { blueprint: 'linux' })
  const between = slotsNow(world, 'alpha')[0]?.tainted
  await use(CI)

  expect(between).toBe(true)
  expect(anew).toEqual([false, true])
})

test('a rebuilding that fails leaves the slot marked', async () => {
  const { world, use, note, anew } = await worldOf()
  await use(FORK)
  world.hosts.answerNext('checkout', { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'x' })

  const { leaseId } = await world.ask(COPY, CI)
  await world.advance(5_000)

  const lease = await world.lease(leaseId)
  note(lease)
  expect(lease.status).toBe('active')
  expect(anew).toEqual([false, true])
})

test('a slot that is started anew keeps nothing, and so no mark', async () => {
  const { world, use } = await worldOf(2)
  await use(FORK)
  const marked = slotsNow(world, 'alpha').filter(({ tainted }) => tainted).length

  await reclaim(world.ports, { host: 'alpha', number: 0, pool: 'linux' })
  await world.settle()
  await sweep(world.ports)
  await use(CI)

  expect(marked).toBe(1)
  expect(slotsNow(world, 'alpha').some(({ tainted }) => tainted)).toBe(false)
})

test('a mark outlives a cleaning that keeps the copies', async () => {
  const { world, use, note, anew } = await worldOf()
  const { leaseId } = await world.ask(COPY, FORK)
  await world.settle()
  const away = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' } as const
  for (let count = 0; count < 3; count++) world.hosts.answerNext('close', away)
  note(await world.lease(leaseId))

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.advance(5_000)
  const cleaned = slotsNow(world, 'alpha')[0]
  await use(CI)

  expect(cleaned).toMatchObject({ state: 'free', tainted: true })
  expect(anew).toEqual([false, true])
})

test('of several slots, each takes those that suit how far it is trusted', async () => {
  const { world, use, anew } = await worldOf(3)
  await use(FORK)

  for (const caller of [CI, CI, FORK, CI]) await use(caller)

  expect(anew).toEqual([false, false, false, false, false])
  expect(slotsNow(world, 'alpha').filter(({ tainted }) => tainted)).toHaveLength(1)
})

test('who is not trusted takes a slot that kept nothing from being kept back: a marked one before a warm one', () => {
  const token = (key: string, more: object = {}) =>
    ({ key, pool: 'linux', host: key, number: 0, epoch: 1, warm: [], ...more }) as const
  const tokens = [token('a', { warm: ['example'] }), token('b', { tainted: true }), token('c')]
  const wish = { repository: 'example', avoid: [] }

  const chosen = [chooseToken(tokens, wish, 0), chooseToken(tokens, { ...wish, untrusted: true }, 0)]

  expect(chosen.map((one) => one?.host)).toEqual(['a', 'b'])
})

test.each([
  ['lets only trusted code in', checkout(['*']), 'not_authorized'],
  ['lets nobody in', checkout([]), 'not_authorized'],
  ['lets untrusted code in', OPEN, undefined],
])('a principal that comes as untrusted, and a blueprint that %s', async (_, blueprints, code) => {
  const world = await openWorld({ blueprints })

  const asked = await world.tryAsk(COPY, { ...FORK, scopes: ['untrusted'] })

  expect(asked.ok ? undefined : asked.refusal.refused).toBe(code)
})

test('whom nobody trusts does not speak for or against a host', async () => {
  const { world } = await worldOf()

  for (let count = 0; count < 3; count++) {
    const { leaseId } = await world.ask(COPY, FORK)
    await world.settle()
    await releaseLease(world.ports, holder(leaseId), leaseId, 'host_suspect')
    await world.settle()
  }

  expect(hostNow(world, 'alpha').state).toBe('active')
  expect(hostNow(world, 'alpha').suspicions).toBeUndefined()
})
