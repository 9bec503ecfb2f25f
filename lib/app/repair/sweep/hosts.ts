import type { Isolation } from '../../../domain/isolation.ts'
import { reaches } from '../../../domain/isolation.ts'
import type { Host, Slot } from '../../../domain/slot.ts'
import { follows } from '../../../domain/slot.ts'
import { tidyDue } from '../../copies/tidy-due.ts'
import { changeHost } from '../../fleet/change-host.ts'
import { dismantleHost } from '../../fleet/dismantle-host.ts'
import { tellHolders } from '../../fleet/lose-host.ts'
import { leastLevels, settleLevel } from '../../fleet/settle-level.ts'
import { settleHost } from '../../fleet/settle-host.ts'
import type { Ports } from '../../ports/ports.ts'
import { readHost } from '../../store/read.ts'
import type { Guard } from '../guard.ts'
import type { Findings } from './sweep.ts'
import { readRegistry } from '../../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** What the sweep saw of the slots of a pool: enough to know how fast it gives them away. */
export interface Supply {
  readonly slots: number
  /** As the pool's entry should count them. */
  readonly able: number
  readonly held: number
  readonly epochs: number
}

/** From one probe of a healthy host to the next, milliseconds. */
const CHECK_UP = 600_000

/** Hosts that are looked at beside each other. */
const AT_ONCE = 8

/**
 * Every host with its slots: a pause that is over ends, slots follow their host's state, unclean ones get somebody who
 * cleans them, and hosts are probed.
 */
export async function sweepHosts(
  ports: Needs,
  guard: Guard,
): Promise<
  Pick<Findings, 'unclean' | 'astray' | 'tidied' | 'quarantined'> & {
    readonly pools: ReadonlyMap<string, Supply>
  }
> {
  const registered = [...(await readRegistry(ports, 'host'))]
  const names = new Set(registered.flatMap(({ pool }) => (typeof pool === 'string' ? [pool] : [])))
  const levelOf = await leastLevels(ports, [...names])
  const pools = new Map<string, Supply>()
  const count = { unclean: 0, astray: 0, tidied: 0, quarantined: 0 }
  const unread = new Set<string>()
  const look = async (name: string) => {
    const { host, slots } = await readHost(ports, name)
    if (!host) return true
    const least = levelOf(host.pool)
    pools.set(host.pool, added(pools.get(host.pool), slots, ableSlots(host, least)))
    if (host.state === 'quarantined') count.quarantined += 1
    count.astray += await guard.over({ host: name }, 0, async () => putRight(ports, host, slots))
    if (host.state === 'destroyed') return true
    // Slots of a host that is down would not come back from it.
    const cleans = host.state === 'active' || host.state === 'draining'
    if (cleans)
      count.tidied += await guard.over({ host: name }, 0, async () => tidyDue(ports, slots, 'sweep'))
    for (const slot of slots) {
      if (slot.state !== 'dirty' && slot.state !== 'broken') continue
      count.unclean += 1
      await guard.over({ host: name, slot: slot.number }, undefined, async () =>
        ports.executions.cleanSlot(slot.host, slot.number, slot.epoch),
      )
    }
    await settleLevel(ports, host, least, 'sweep')
    await seeToProbes(ports, host)
    return true
  }
  const work = async () => {
    for (let entry = registered.shift(); entry; entry = registered.shift()) {
      const { SK: host, pool } = entry
      const seen = await guard.over({ host }, false, async () => look(host))
      if (!seen && typeof pool === 'string') unread.add(pool)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  // Of a pool that was not seen whole nobody knows how much it gave away.
  for (const pool of unread) pools.delete(pool)
  return { ...count, pools }
}

async function putRight(ports: Needs, host: Host, slots: readonly Slot[]): Promise<number> {
  const now = ports.clock.now()
  if (host.lost) await tellHolders(ports, host.name, { now, actor: 'sweep' })
  if (host.state === 'destroyed') {
    await settleHost(ports, host.name, 'sweep')
    await dismantleHost(ports, host.name)
    return 0
  }
  if (host.state !== 'active' && host.changed?.until !== undefined && now >= host.changed.until) {
    const by = { now, actor: 'sweep', cause: `${host.state} until now` }
    await changeHost(ports, host.name, { state: 'active', asRead: host.changes }, by)
    return 0
  }
  const whole = slots.length >= host.capacity && slots.every((slot) => follows(slot, host))
  return whole ? 0 : settleHost(ports, host.name, 'sweep')
}

/** A quarantined host has somebody who probes it, and a healthy one is probed now and then. */
async function seeToProbes(ports: Needs, { name, state, changes, probedAt = 0 }: Host): Promise<void> {
  if (state === 'quarantined') await ports.executions.probeHost(name, `c${changes}`)
  const due = state === 'active' && ports.clock.now() >= probedAt + CHECK_UP
  if (due) await ports.executions.probeHost(name, `t${probedAt}`)
}

/** Slots that may be given to somebody when all is well. */
const ableSlots = ({ state, capacity, isolation = 'cgroup' }: Host, least: Isolation): number =>
  state !== 'destroyed' && reaches(isolation, least) ? capacity : 0

const added = (
  before: Supply = { slots: 0, able: 0, held: 0, epochs: 0 },
  slots: readonly Slot[],
  able: number,
): Supply => ({
  able: before.able + able,
  slots: before.slots + slots.length,
  held: before.held + slots.filter((slot) => slot.state === 'held').length,
  epochs: before.epochs + slots.reduce((sum, slot) => sum + slot.epoch, 0),
})
