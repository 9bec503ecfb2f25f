import type { Host } from '../../domain/slot.ts'
import { ATTEMPTS, pauseAfter } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { tallyAsRead } from '../store/conditions/fleet.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'journal'>
type Numbers = Partial<
  Pick<Host, 'failures' | 'failuresInARow' | 'suspicions' | 'suspicionsInARow' | 'relapses'>
>

/** What is counted against a host. */
export type Kind = 'failures' | 'suspicions'

/** One more; answers the host as it was counted, or undefined where there is none any more. */
export const countAgainst = async (ports: Needs, name: string, kind: Kind): Promise<Host | undefined> =>
  tally(ports, name, (host) =>
    kind === 'failures'
      ? { failures: (host.failures ?? 0) + 1, failuresInARow: host.failuresInARow + 1 }
      : { suspicions: (host.suspicions ?? 0) + 1, suspicionsInARow: (host.suspicionsInARow ?? 0) + 1 },
  )

/**
 * The host has worked for a lease: what was counted when that began is over, what came since stays. `seen` is how many
 * had ever been counted then.
 */
export async function forgive(ports: Needs, name: string, kind: Kind, seen: number): Promise<void> {
  const since = (ever: number | undefined, inARow: number | undefined): number =>
    Math.max(0, Math.min(inARow ?? 0, (ever ?? 0) - seen))
  await tally(ports, name, (host) =>
    kind === 'failures'
      ? withRelapses(host, { failuresInARow: since(host.failures, host.failuresInARow) })
      : withRelapses(host, { suspicionsInARow: since(host.suspicions, host.suspicionsInARow) }),
  )
}

/** Only a host against which nothing is left begins anew. */
function withRelapses(host: Host, numbers: Numbers): Numbers {
  const { failuresInARow, suspicionsInARow = 0 } = { ...host, ...numbers }
  return failuresInARow + suspicionsInARow > 0 ? numbers : { ...numbers, relapses: 0 }
}

/** Beside the transactions of leases, as all slots of a host share its numbers (ADR 014). */
async function tally(ports: Needs, name: string, change: (host: Host) => Numbers): Promise<Host | undefined> {
  for (let lost = 0; lost < ATTEMPTS; lost++) {
    const item = await ports.table.get(hostKey(name))
    if (!item) return undefined
    const host = hostOf(item)
    const numbers = { ...change(host), tallies: (host.tallies ?? 0) + 1 }
    const opId = ports.chance.opaque()
    const outcome = await ports.table.transact(opId, [
      {
        kind: 'update',
        key: hostKey(name),
        set: { ...numbers, opId },
        when: tallyAsRead(host.changes, host.tallies),
      },
    ])
    if (outcome.committed) return { ...host, ...numbers }
    await pauseAfter(ports, lost + 1)
  }
  ports.journal.warn('what a host did could not be counted', { host: name })
  return undefined
}
