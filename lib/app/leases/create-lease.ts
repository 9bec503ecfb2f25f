import type { Caller } from '../../domain/access.ts'
import { signatureOf } from '../../domain/collection.ts'
import type { PendingLease, Terms } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { create } from '../../domain/transitions.ts'
import { matchWaiter } from '../allocation/match.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item, Lost, Write } from '../ports/table.ts'
import { awaken } from '../lifecycle/awaken.ts'
import { idempotencyKey } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import { enlist } from '../transactions/enlist.ts'
import type { LeaseDemand } from './judge-demand.ts'
import { judgeDemand } from './judge-demand.ts'
import { freePermit } from './permits.ts'
import { reservePlaces } from './reserve-places.ts'
import { text } from '../store/attributes.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>

export interface CreatedLease {
  readonly leaseId: string
  readonly token: string
  /** The same request had come before: the same lease again. */
  readonly replayed: boolean
}

interface KeyRecord {
  readonly leaseId: string
  readonly requestHash: string
}

/**
 * A lease that work makes: its id is in the work's record before the lease can exist, and the lease comes to be only
 * together with the proof that the work still wants it. Whoever gives up the work then knows what to give back.
 */
export interface Birth {
  readonly id: string
  readonly while: Write
}

/** Permits that others may take from under us before the caller is asked to come again. */
const ATTEMPTS = 20

/**
 * T1, then the match, then the execution. The match comes first so that a lease that need not wait starts as
 * acquired; a death in between is repaired by the lease's timer (ADR 003). A replay runs the same steps again, so a
 * lost first response costs nothing.
 */
export async function createLease(
  ports: Needs,
  caller: Caller,
  demand: LeaseDemand,
  key: { readonly hash: string; readonly requestHash: string },
  birth?: Birth,
): Promise<Result<CreatedLease>> {
  const [record, judged] = await Promise.all([
    ports.table.get(idempotencyKey(caller.principal, key.hash)),
    judgeDemand(ports, caller, demand),
  ])
  // A replay is answered as the first time, whatever was reconfigured meanwhile.
  if (record && Number(record['expires']) > ports.clock.now()) {
    return replay(ports, caller, recordOf(record), key.requestHash)
  }
  if (!judged.ok) return judged
  const { quota, ...granted } = judged.value
  const id = birth?.id ?? ports.chance.ulid()
  const salt = ports.chance.opaque()
  const token = await ports.secrets.leaseToken(id, salt)
  // The permit first: a request that is refused for its quota must not move its tenant back in the queues.
  let permit = await freePermit(ports, caller.tenant, quota, 0)
  const waiters =
    permit === undefined ? {} : await reservePlaces(ports, caller.tenant, granted.pools, demand.priority, id)

  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = ports.clock.now()
    const terms: Terms = {
      id,
      tenant: caller.tenant,
      owner: caller.principal,
      ...named(ports, granted.terms),
      pools: granted.pools.map((pool) => pool.name),
      waiters,
      priority: demand.priority,
      ...(demand.note === undefined ? {} : { note: demand.note }),
      createdAt: now,
      waitDeadline: now + granted.wait,
      permit: permit ?? 0,
      tokenSalt: salt,
      tokenHash: ports.secrets.hash(token),
    }
    const step = create(terms, { now, actor: caller.principal })
    const outcome = await enlist(
      ports,
      step,
      { ...key, owner: caller.principal },
      permit,
      birth ? [birth.while] : [],
    )
    if (outcome.committed) {
      await begin(ports, step.lease, caller.principal)
      return ok({ leaseId: id, token, replayed: false })
    }
    const before = usedBefore(outcome.lost)
    if (before) return replay(ports, caller, before, key.requestHash)
    if (birth && outcome.lost.some(({ condition }) => condition === birth.while.when.name)) {
      return refuse('conflict', 'Whoever wanted the lease does not want it any more.', { leaseId: id })
    }
    if (permit === undefined) {
      return refuse('quota_exceeded', `Tenant ${caller.tenant} has no free place for another living lease.`, {
        retryAfterSeconds: 30,
      })
    }
    permit = await freePermit(ports, caller.tenant, quota, attempt)
  }
  return refuse('unavailable', 'Too many leases of this tenant are being made at once.', {
    retryAfterSeconds: 1,
  })
}

/** A collection is found again by its name: the same repositories in the same directories have the same one. */
function named<T extends Pick<Terms, 'checkout'>>(ports: Pick<Ports, 'secrets'>, terms: T): T {
  const signature = terms.checkout && signatureOf(terms.checkout)
  if (signature === undefined || !terms.checkout) return terms
  const collection = `_${ports.secrets.hash(signature).slice(0, 20)}`
  return { ...terms, checkout: { ...terms.checkout, collection } }
}

async function begin(ports: Needs, lease: PendingLease, actor: string): Promise<void> {
  for (const [pool, own] of Object.entries(lease.waiters)) await matchWaiter(ports, pool, own, actor)
  await ports.executions.ensureLease(lease.id)
}

async function replay(
  ports: Needs,
  caller: Caller,
  before: KeyRecord,
  requestHash: string,
): Promise<Result<CreatedLease>> {
  if (before.requestHash !== requestHash) {
    return refuse('key_reused', 'This Idempotency-Key came with another request before.', {
      leaseId: before.leaseId,
    })
  }
  const lease = await readLease(ports, before.leaseId)
  if (!lease) return refuse('not_found', 'The lease that this key made is gone.', { leaseId: before.leaseId })
  if (lease.status === 'pending') await begin(ports, lease, caller.principal)
  if (lease.status === 'acquired') {
    await ports.executions.ensureLease(lease.id)
    await awaken(ports, lease.id)
  }
  return ok({
    leaseId: lease.id,
    token: await ports.secrets.leaseToken(lease.id, lease.tokenSalt),
    replayed: true,
  })
}

/** The idempotency record is judged before the permit: a replay at full quota is no refusal. */
function usedBefore(lost: readonly Lost[]): KeyRecord | undefined {
  const record = lost.find(({ condition }) => condition === 'key_not_used')?.item
  return record && recordOf(record)
}

const recordOf = (record: Item): KeyRecord => ({
  leaseId: text(record, 'lease'),
  requestHash: text(record, 'requestHash'),
})
