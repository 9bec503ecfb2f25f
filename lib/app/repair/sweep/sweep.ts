import { settleBlueprint } from '../../blueprints/settle-blueprint.ts'
import type { Ports } from '../../ports/ports.ts'
import type { Guard } from '../guard.ts'
import { createGuard } from '../guard.ts'
import type { Supply } from './hosts.ts'
import { sweepHosts } from './hosts.ts'
import { sweepPools } from './pools.ts'
import { sweepTimers } from './timers.ts'
import { readRegistry } from '../../store/pages.ts'

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
  /** Slots that had not followed their host's state. */
  readonly astray: number
  /** Idle slots that were taken to have their working copies looked after. */
  readonly tidied: number
  /** Waiting leases that had not followed their blueprint. */
  readonly misplaced: number
  readonly quarantined: number
  /** What could not be looked at; the next sweep tries again. */
  readonly failed: number
}

/**
 * Looks at everything that is due, serves every pool that has waiters, has unclean slots cleaned, and ends what others
 * began. Idempotent. Hosts are not called: what waits for one is another function's work, so that a dead one never
 * delays an expiry.
 */
export async function sweep(ports: Needs): Promise<Findings> {
  const guard = createGuard(ports)
  const [timers, misplaced, { pools, ...hosts }] = await Promise.all([
    sweepTimers(ports, guard),
    guard.over({ part: 'blueprints' }, 0, async () => sweepBlueprints(ports, guard)),
    guard.over({ part: 'hosts' }, NO_HOSTS, async () => sweepHosts(ports, guard)),
  ])
  const served = await guard.over({ part: 'pools' }, 0, async () => sweepPools(ports, guard, pools))
  const findings = { ...timers, misplaced, ...hosts, served, failed: guard.failures() }
  ports.journal.info('swept', { ...findings })
  return findings
}

const NO_HOSTS = { unclean: 0, astray: 0, tidied: 0, quarantined: 0, pools: new Map<string, Supply>() }

/** Blueprints that were switched by somebody who did not come to the end of it. */
async function sweepBlueprints(ports: Needs, guard: Guard): Promise<number> {
  const blueprints = await readRegistry(ports, 'blueprint')
  let moved = 0
  for (const { SK: name, settling } of blueprints) {
    if (settling === undefined) continue
    moved += await guard.over({ blueprint: name }, 0, async () => settleBlueprint(ports, name, 'sweep'))
  }
  return moved
}
