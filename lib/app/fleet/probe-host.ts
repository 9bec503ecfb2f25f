import { FAILURES } from '../../domain/limits.ts'
import type { Host } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { noteTrouble } from '../store/host-trouble.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { changeHost } from './change-host.ts'

const FIRST_PAUSE = 5
const LONGEST_PAUSE = 300

/**
 * Asks a quarantined host whether it is well again: one passing probe brings it back, on trial: the next lease that
 * fails on it before one has worked quarantines it again. Else: when to ask again.
 */
export async function probeHost(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>,
  name: string,
  tries: number,
): Promise<{ readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }> {
  const item = await ports.table.get(hostKey(name))
  const host = item && hostOf(item)
  if (host?.state !== 'quarantined') return { route: 'DONE' }
  // One that passed and failed again is asked less and less often, until a lease has worked on it.
  const relapses = Math.max(0, host.failuresInARow - FAILURES)
  const seconds = pauseAfter(tries + relapses)
  // What has just failed is given time to mend first, whoever asks: also one whose own quarantine was an earlier one.
  const rest = restOf(host, pauseAfter(relapses), ports.clock.now())
  if (tries === 0 || rest > 0) return { route: 'AGAIN', seconds: tries === 0 ? seconds : rest }
  const probed = await ports.hosts.probe(host)
  if (probed.kind !== 'done') {
    const code = probed.kind === 'busy' ? 'busy' : probed.code
    await noteTrouble(ports, host, { code, detail: probed.detail })
    return { route: 'AGAIN', seconds }
  }
  const by = { now: ports.clock.now(), actor: 'probe', cause: 'a probe passed' }
  await changeHost(ports, name, { state: 'active', asRead: host.changes, onTrial: true }, by)
  return { route: 'DONE' }
}

const pauseAfter = (times: number): number => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(times, 6))

/** Seconds that are left of the first pause of this quarantine; clocks differ, so never more than the whole of it. */
function restOf({ changed }: Host, pause: number, now: number): number {
  const rested = changed ? changed.at + pause * 1_000 : now
  return Math.min(pause, Math.max(0, Math.ceil((rested - now) / 1_000)))
}
