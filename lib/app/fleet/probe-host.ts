import type { Host } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { hostKey } from '../store/keys.ts'
import { hostOf } from '../store/slot-item.ts'
import { changeHost } from './change-host.ts'
import { examineHost } from './examine-host.ts'
import { quarantine } from './quarantine.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>
type Route = { readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }

const FIRST_PAUSE = 10
const LONGEST_PAUSE = 300
/** Probes in a row that an active host may leave without an answer, over half a minute, before it is quarantined. */
const UNANSWERED = 3

/**
 * Asks a host whether it is well, or says when to ask again. A quarantined one is asked until it is: one passing probe
 * brings it back, on trial. An active one is asked until it answers.
 */
export async function probeHost(ports: Needs, name: string, tries: number): Promise<Route> {
  const item = await ports.table.get(hostKey(name))
  const host = item && hostOf(item)
  if (host?.state === 'active') return checkUp(ports, host, tries)
  if (host?.state !== 'quarantined') return { route: 'DONE' }
  // One that passed and failed again is asked less and less often, until a lease has worked on it.
  const relapses = Math.max(0, (host.relapses ?? 0) - 1)
  const seconds = pauseAfter(tries + relapses)
  // What has just failed is given time to mend first, whoever asks: also one whose own quarantine was an earlier one.
  const rest = restOf(host, pauseAfter(relapses), ports.clock.now())
  if (tries === 0 || rest > 0) return { route: 'AGAIN', seconds: tries === 0 ? seconds : rest }
  const examined = await examineHost(ports, host)
  if (examined.kind !== 'well') return { route: 'AGAIN', seconds }
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

/** One that is unfit is quarantined by the examination, and then somebody else asks it. */
async function checkUp(ports: Needs, host: Host, tries: number): Promise<Route> {
  const examined = await examineHost(ports, host)
  if (examined.kind !== 'silent') return { route: 'DONE' }
  const { code, detail } = examined.trouble
  if (code !== 'busy' && tries + 1 >= UNANSWERED) {
    const reason = `${UNANSWERED} probes in a row failed, the last one: ${code} (${detail})`
    await quarantine(ports, host.name, reason, { now: ports.clock.now(), actor: 'probe' })
    return { route: 'DONE' }
  }
  return { route: 'AGAIN', seconds: FIRST_PAUSE }
}
