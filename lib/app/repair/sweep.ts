import { matchPool } from '../allocation/match.ts'
import type { Ports } from '../ports/ports.ts'
import type { Key } from '../ports/table.ts'
import { dueBy, registryOf, SHARDS, slotKey, timersOf } from '../store/keys.ts'
import { readLease } from '../store/read.ts'
import { slotOf } from '../store/slot-item.ts'
import { stillThere } from '../store/conditions.ts'
import { repair } from './repair.ts'
import { text } from '../store/attributes.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Told even when there was nothing to tell, so that its silence can be noticed. */
export interface Findings {
  /** Timers that were due. */
  readonly due: number
  /** Leases whose passed deadline nobody had acted on. */
  readonly ended: number
  /** Leases whose next step nobody had taken. */
  readonly restarted: number
  /** Timers of leases that are gone. */
  readonly orphans: number
  /** Waiters that could have been served. */
  readonly served: number
  /** Slots that wait for their cleaning. */
  readonly unclean: number
  /** Leases whose repair failed; the next sweep tries again. */
  readonly failed: number
}

/** Timers of one shard that one sweep looks at; the next one goes on. */
const PER_SHARD = 200
/** Milliseconds for timers; what is left then is the next sweep's. */
const BUDGET = 40_000

/** Looks at everything that is due, serves every pool that has waiters, and has unclean slots cleaned. Idempotent. */
export async function sweep(ports: Needs): Promise<Findings> {
  const failures = { count: 0 }
  const served = await sweepPools(ports, failures)
  const unclean = await sweepSlots(ports, failures)
  const timers = await sweepTimers(ports, ports.clock.now() + BUDGET)
  const findings = { ...timers, served, unclean, failed: timers.failed + failures.count }
  ports.journal.info('swept', { ...findings })
  return findings
}

async function sweepTimers(ports: Needs, until: number): Promise<Omit<Findings, 'served' | 'unclean'>> {
  const count = { due: 0, ended: 0, restarted: 0, orphans: 0, failed: 0 }
  for (let shard = 0; shard < SHARDS; shard++) {
    const to = dueBy(ports.clock.now())
    const items = await ports.table.query({ PK: timersOf(shard), to, limit: PER_SHARD })
    for (const item of items) {
      if (ports.clock.now() > until) return count
      count.due += 1
      const id = text(item, 'lease')
      try {
        const repaired = await repair(ports, id)
        if (repaired === 'ended') count.ended += 1
        if (repaired === 'restarted') count.restarted += 1
        if (repaired === 'gone') count.orphans += await dropTimer(ports, id, item)
      } catch (error) {
        count.failed += 1
        ports.journal.warn('repair failed', { leaseId: id, error: String(error) })
      }
    }
  }
  return count
}

/** A destroyed lease has no timer: one that is found is dropped, unless the lease lives after all. */
async function dropTimer(ports: Needs, id: string, { PK, SK }: Key): Promise<number> {
  const lease = await readLease(ports, id)
  if (lease && lease.status !== 'destroyed') return 0
  const outcome = await ports.table.write({
    kind: 'delete',
    key: { PK, SK },
    when: stillThere,
  })
  return outcome.committed ? 1 : 0
}

async function sweepPools(ports: Needs, failures: Failures): Promise<number> {
  const pools = await ports.table.query({ PK: registryOf('pool'), limit: 1_000 })
  let served = 0
  for (const pool of pools) {
    served += await guarded(ports, failures, { pool: pool.SK }, 0, async () =>
      matchPool(ports, pool.SK, 'sweep'),
    )
  }
  return served
}

/** Cleaning itself is another function's work, so that a dead host never delays an expiry. */
async function sweepSlots(ports: Needs, failures: Failures): Promise<number> {
  const hosts = await ports.table.query({ PK: registryOf('host'), limit: 10_000 })
  let unclean = 0
  for (const host of hosts) {
    const { PK, SK: from } = slotKey(host.SK, 0)
    const items = await ports.table.query({ PK, from, to: 'S#~', limit: 1_000 })
    for (const slot of items.map(slotOf)) {
      if (slot.state !== 'dirty' && slot.state !== 'broken') continue
      unclean += 1
      await guarded(ports, failures, { host: slot.host, slot: slot.number }, undefined, async () =>
        ports.executions.cleanSlot(slot.host, slot.number, slot.epoch),
      )
    }
  }
  return unclean
}

interface Failures {
  count: number
}

/** One thing that fails does not keep the sweep from the others. */
async function guarded<T>(
  ports: Needs,
  failures: Failures,
  facts: Readonly<Record<string, unknown>>,
  otherwise: T,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act()
  } catch (error) {
    failures.count += 1
    ports.journal.warn('the sweep could not look at everything', { ...facts, fault: String(error) })
    return otherwise
  }
}
