import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Host, HostState } from '../../domain/slot.ts'
import { givesLeases } from '../../domain/slot.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import type { Write } from '../ports/table.ts'
import { hostAsConfigured, hostUnchanged } from '../store/conditions/fleet.ts'
import { forgetTrouble } from '../store/host-trouble.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { settleHost } from './settle-host.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

export interface HostChange {
  /** `destroyed`: it leaves the configuration, and goes when its last lease has ended. */
  readonly state: HostState
  readonly reason?: string
  /** Epoch milliseconds; then the sweep brings it back. */
  readonly until?: number
  /** Only from these states; else the host stays as it is. Not there: from any. */
  readonly from?: readonly HostState[]
  /** Only as it was read: nobody changed its state since. */
  readonly asRead?: number
  /** Only in this version of the configuration, which is then the next one. */
  readonly version?: number
  readonly lost?: true
  /** Its failures in a row are not over: the next one counts as one more of them. */
  readonly onTrial?: true
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
    if (!applies(change, before)) {
      // Its slots are brought to its state all the same: whoever changed it may not have come to that.
      await settleHost(ports, name, by.actor)
      return ok(before)
    }
    if (change.version !== undefined && item['version'] !== change.version) return otherVersion(name)
    const after = changed(before, change, by)
    const outcome = await ports.table.write(written(ports.chance.opaque(), before, after, change))
    if (!outcome.committed) continue
    ports.journal.info('a host changed its state', { host: name, state: after.state, by: by.actor })
    if (givesLeases(after)) await forgetTrouble(ports, before)
    await settleHost(ports, name, by.actor)
    // On whose word it comes back: whether it is well is asked at once.
    if (givesLeases(after) && !change.onTrial) await ports.executions.probeHost(name, `c${after.changes}`)
    return ok(after)
  }
  throw contended(`changing host ${name}`)
}

const applies = ({ from, asRead }: HostChange, { state, changes }: Host): boolean =>
  (from === undefined || from.includes(state)) && (asRead === undefined || asRead === changes)

const otherVersion = (name: string) =>
  refuse('conflict', `${name} was changed by somebody else meanwhile; apply again.`)

function written(opId: string, before: Host, after: Host, change: HostChange): Write {
  const { version } = change
  const { state, changes, reason, lost } = after
  const gone = [...(reason === undefined ? ['reason'] : []), ...(lost ? [] : ['lost'])]
  return {
    kind: 'update',
    key: hostKey(before.name),
    set: {
      state,
      changes,
      changed: { ...after.changed },
      ...talliesAfter(before, change),
      ...(reason === undefined ? {} : { reason }),
      ...(lost ? { lost } : {}),
      ...(version === undefined ? {} : { version: version + 1 }),
      opId,
    },
    ...(gone.length === 0 ? {} : { remove: gone }),
    when: version === undefined ? hostUnchanged(before.changes) : hostAsConfigured(before.changes, version),
  }
}

/** What is counted meanwhile is not written over: it is counted again in the state that this makes. */
function talliesAfter(before: Host, { state, onTrial }: HostChange): Tallies {
  if (state === 'active' && !onTrial) return { failuresInARow: 0, suspicionsInARow: 0, relapses: 0 }
  return state === 'quarantined' && before.state !== state ? { relapses: (before.relapses ?? 0) + 1 } : {}
}

type Tallies = Partial<Record<'failuresInARow' | 'suspicionsInARow' | 'relapses', number>>

function changed(before: Host, change: HostChange, by: Cause): Host {
  const { state, reason, until, lost } = change
  const { reason: _, lost: _lost, ...rest } = before
  return {
    ...rest,
    // One that leaves leaves, also when it is lost before its last lease has ended.
    state: lost && before.state === 'destroyed' ? 'destroyed' : state,
    changes: before.changes + 1,
    changed: { by: by.actor, at: by.now, ...(until === undefined ? {} : { until }) },
    ...talliesAfter(before, change),
    ...(lost ? { lost } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}
