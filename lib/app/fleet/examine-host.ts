import { leastOf } from '../../domain/catalogue.ts'
import { skewOf, unfitness } from '../../domain/fitness.ts'
import { LEAST } from '../../domain/isolation.ts'
import type { Host, ProbeResult } from '../../domain/slot.ts'
import { relieveDisk } from '../copies/relieve-disk.ts'
import { countSlots } from '../config/pool-entries.ts'
import type { Ports } from '../ports/ports.ts'
import { blueprintOf } from '../store/catalogue-item.ts'
import { probedBefore } from '../store/conditions/fleet.ts'
import { noteSeen, noteTrouble } from '../store/host-trouble.ts'
import { blueprintKey, hostKey } from '../store/keys.ts'
import { quarantine } from './quarantine.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>

/** `well`: it may be used. `unfit`: it answers, and may not. `silent`: it gave no answer that counts. */
export type Examined =
  | { readonly kind: 'well' }
  | { readonly kind: 'unfit'; readonly trouble: Trouble }
  | { readonly kind: 'silent'; readonly trouble: Trouble }

interface Trouble {
  readonly code: string
  readonly detail: string
}

/** Whoever answers so is not the host that was registered: nothing is asked of it again before a probe passes. */
const DECISIVE: readonly string[] = ['host_key_mismatch', 'script_changed', 'isolation_too_low']

export const isDecisive = (code: string): boolean => DECISIVE.includes(code)

/**
 * Probes a host, keeps what was found, and quarantines one that may not be used: that comes first, so that a level that
 * is known is one that its pool accepts.
 */
export async function examineHost(ports: Needs, host: Host): Promise<Examined> {
  const askedAt = ports.clock.now()
  const answer = await ports.hosts.probe(host)
  const now = ports.clock.now()
  if (answer.kind !== 'done') {
    const code = answer.kind === 'busy' ? 'busy' : answer.kind === 'refused' ? 'refused' : answer.code
    const trouble = { code, detail: answer.detail }
    const decisive = isDecisive(code)
    if (decisive) await setAside(ports, host, trouble, now)
    if (answer.kind !== 'busy') await keep(ports, host, { ...host.probe, trouble }, now)
    await noteTrouble(ports, host, trouble)
    return { kind: decisive ? 'unfit' : 'silent', trouble }
  }
  const { git, diskFreeBytes, diskTotalBytes, clock, isolation } = answer.value
  const clockSkew = skewOf(clock, askedAt, now)
  const pool = await ports.table.get(blueprintKey(host.pool))
  const trouble = unfitness(answer.value, pool ? leastOf(blueprintOf(pool)) : LEAST, clockSkew)
  if (trouble) {
    await setAside(ports, host, trouble, now)
    await noteTrouble(ports, host, trouble)
  }
  const result = { git, diskFreeBytes, diskTotalBytes, clockSkew, ...(trouble ? { trouble } : {}) }
  await keep(ports, host, result, now, isolation)
  await relieveDisk(ports, host.name, { freeBytes: diskFreeBytes, totalBytes: diskTotalBytes })
  // Slots that can never be given to anybody are not counted in their pool.
  if (isolation !== host.isolation) await countSlots(ports)
  if (trouble) return { kind: 'unfit', trouble }
  if (host.reason !== undefined) await noteSeen(ports, host, now)
  return { kind: 'well' }
}

const setAside = async (ports: Needs, host: Host, { code, detail }: Trouble, now: number): Promise<void> =>
  quarantine(ports, host.name, `${code}: ${detail}`, { now, actor: 'probe' })

async function keep(
  ports: Needs,
  { name }: Host,
  probe: ProbeResult,
  now: number,
  isolation?: Host['isolation'],
): Promise<void> {
  await ports.table.write({
    kind: 'update',
    key: hostKey(name),
    set: {
      probedAt: now,
      probe: { ...probe },
      ...(isolation === undefined ? {} : { isolation, lastSeenAt: now }),
    },
    when: probedBefore(now),
  })
}
