import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Lease } from '../../../lib/contract/lease.ts'
import { run } from '../../features/support/lease.ts'
import { eventually } from '../../features/support/observe.ts'
import type { HardRepository } from '../../host/poisons/repository.ts'
import { treeOf } from '../../host/poisons/trees.ts'
import { copiesOn, EXAMPLE, type Fleet } from '../../support/fleet/fleet.ts'
import { type HeldByTest, leaseOf, startUntil } from '../../support/fleet/jobs.ts'

/** How the lease that was poisoned ends. */
export type Ending = 'release' | 'expiry' | 'cancel'
export type Poison = readonly [name: string, script: string]

export interface RoundOptions {
  readonly pool: string
  readonly ending: Ending
  /** As many as the pool has slots. */
  readonly poisons: readonly Poison[]
  readonly repository: HardRepository
  /** What the successors ask for, and what a new clone of it holds. */
  readonly commit: string
  readonly clone: Readonly<Record<string, string>>
}

interface Poisoned extends HeldByTest {
  readonly name: string
  readonly outside: string
  readonly before: Readonly<Record<string, string>>
  readonly command: number
}

const SHORTEST_TTL = 60

/**
 * Each poison in a lease of its own, all at once; then as many leases wait, the first ones end, and each successor is
 * looked at: poison -> what was wrong with its successor's copy, nothing where it was exact.
 */
export async function poisonRound(fleet: Fleet, options: RoundOptions): Promise<ReadonlyMap<string, string>> {
  const { poisons, repository, commit, ending, pool } = options
  const first = await lease(fleet, pool, poisons.length, repository.first, ending)
  const poisoned = await Promise.all(
    first.map(async (held, at) => poison(fleet, held, poisons[at] ?? ['', ':'], ending)),
  )
  const successors = lease(fleet, pool, poisons.length, commit, 'release')
  const allWait = async () =>
    ending === 'expiry' || (await fleet.client.getPool({ name: pool })).waiting === poisons.length
  await eventually('the successors wait', allWait, 120_000)
  await Promise.all(poisoned.map(async (held) => end(fleet, held, ending)))
  const found = new Map<string, string>()
  for (const successor of await successors) {
    const before = poisoned.find(({ lease: { slot } }) => placeOf(slot) === placeOf(successor.lease.slot))
    if (!before) throw new Error(`nobody held ${placeOf(successor.lease.slot)} before`)
    found.set(before.name, await wrongWith(fleet, before, successor, options))
    await fleet.client.releaseLease({ id: successor.id, body: {} }, successor)
  }
  return found
}

const placeOf = (slot: Lease['slot']): string => `${slot?.host}/${slot?.number}`

const lease = async (
  { client }: Fleet,
  pool: string,
  count: number,
  commit: string,
  ending: Ending,
): Promise<readonly HeldByTest[]> => {
  const body = { blueprint: copiesOn(pool), repository: EXAMPLE, commit }
  const ttl = ending === 'expiry' ? { ttlSeconds: SHORTEST_TTL } : {}
  return Promise.all(Array.from({ length: count }, async () => leaseOf(client, { ...body, ...ttl })))
}

async function poison(
  fleet: Fleet,
  held: HeldByTest,
  [name, script]: Poison,
  ending: Ending,
): Promise<Poisoned> {
  const { host = '', number } = held.lease.slot ?? {}
  const outside = join(fleet.host(host).home, `outside-${number}`)
  rmSync(outside, { recursive: true, force: true })
  mkdirSync(outside)
  chmodSync(outside, 0o777) // a job as a user of its own shall be able to do its worst
  const stays = ending === 'cancel' ? '; sleep 6000' : ''
  const argv = ['sh', '-c', `outside='${outside}'; ${script}; echo poisoned${stays}`]
  const { number: command } = await startUntil(fleet.client, held, argv, 'poisoned')
  return { ...held, name, outside, before: treeOf(outside), command }
}

async function end({ client }: Fleet, { id, token, command }: Poisoned, ending: Ending): Promise<void> {
  if (ending === 'expiry') return
  if (ending === 'release') {
    await client.releaseLease({ id, body: {} }, { token })
    return
  }
  await client.cancelCommand({ id, number: command }, { token })
  await client.releaseLease({ id, body: {} })
}

async function wrongWith(
  { client }: Fleet,
  before: Poisoned,
  successor: HeldByTest,
  { commit, clone, repository }: RoundOptions,
): Promise<string> {
  const { receipt } = successor.lease
  const tree = repository.git('rev-parse', `${commit}^{tree}`)
  const status = await run(client, successor, ['git', 'status', '--porcelain', '--ignored'])
  const faults = {
    receipt: receipt?.commit === commit && receipt.tree === tree,
    bytes: sameTree(treeOf(receipt?.path ?? '/nowhere'), clone),
    status: status.exitCode === 0 && status.stdout === '',
    outside: sameTree(treeOf(before.outside), before.before),
  }
  return Object.entries(faults)
    .filter(([, fine]) => !fine)
    .map(([what]) => what)
    .join(', ')
}

export const sameTree = (
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean => isDeepStrictEqual(one, other)
