import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Host, HostState } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { hostUnchanged } from '../store/conditions.ts'
import { forgetTrouble } from '../store/host-trouble.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { settleHost } from './settle-host.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

export interface HostChange {
  readonly state: Exclude<HostState, 'destroyed'>
  readonly reason?: string
  /** Epoch milliseconds; then the sweep brings it back. */
  readonly until?: number
  /** Only from these states; else the host stays as it is. Not there: from any. */
  readonly from?: readonly HostState[]
}

/**
 * T7: drain, quarantine, disable or return a host. The host's item decides and is written first; its slots follow.
 * When this answers, none of them is given to a lease any more (or each may be again). Leases that hold a slot are
 * left to finish.
 */
export async function changeHost(
  ports: Needs,
  name: string,
  change: HostChange,
  by: Cause,
): Promise<Result<Host>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const item = await ports.table.get(hostKey(name))
    if (!item) return refuse('not_found', `There is no host named ${name}.`)
    const before = hostOf(item)
    if (change.from && !change.from.includes(before.state)) return ok(before)
    const after = changed(before, change, by)
    const outcome = await ports.table.write({
      kind: 'update',
      key: hostKey(name),
      set: {
        state: after.state,
        changes: after.changes,
        changed: { ...after.changed },
        failuresInARow: after.failuresInARow,
        ...(after.reason === undefined ? {} : { reason: after.reason }),
      },
      remove: after.reason === undefined ? ['reason'] : [],
      when: hostUnchanged(before.changes),
    })
    if (!outcome.committed) continue
    ports.journal.info('a host changed its state', { host: name, state: after.state, by: by.actor })
    if (after.state === 'active') await forgetTrouble(ports, before)
    await settleHost(ports, name, by.actor)
    return ok(after)
  }
  throw contended(`changing host ${name}`)
}

function changed(before: Host, { state, reason, until }: HostChange, by: Cause) {
  const { reason: _, ...rest } = before
  return {
    ...rest,
    state,
    changes: before.changes + 1,
    changed: { by: by.actor, at: by.now, ...(until === undefined ? {} : { until }) },
    failuresInARow: state === 'active' ? 0 : before.failuresInARow,
    ...(reason === undefined ? {} : { reason }),
  }
}
