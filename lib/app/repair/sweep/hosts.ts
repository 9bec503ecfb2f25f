import type { Host, Slot } from '../../../domain/slot.ts'
import { follows } from '../../../domain/slot.ts'
import { changeHost } from '../../fleet/change-host.ts'
import { settleHost } from '../../fleet/settle-host.ts'
import type { Ports } from '../../ports/ports.ts'
import { registryOf } from '../../store/keys.ts'
import { readHost } from '../../store/read.ts'
import type { Guard } from '../guard.ts'
import type { Findings } from './sweep.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** What the sweep saw of the slots of a pool: enough to know how fast it gives them away. */
export interface Supply {
  readonly slots: number
  readonly held: number
  readonly epochs: number
}

/** Hosts that are looked at beside each other. */
const AT_ONCE = 8

/**
 * Every host with its slots: a pause that is over ends, slots follow their host's state, unclean ones get somebody who
 * cleans them, a quarantined host somebody who probes it.
 */
export async function sweepHosts(
  ports: Needs,
  guard: Guard,
): Promise<
  Pick<Findings, 'unclean' | 'astray' | 'quarantined'> & { readonly pools: ReadonlyMap<string, Supply> }
> {
  const names = (await ports.table.query({ PK: registryOf('host'), limit: 10_000 })).map((item) => item.SK)
  const pools = new Map<string, Supply>()
  const count = { unclean: 0, astray: 0, quarantined: 0 }
  const look = async (name: string) => {
    const { host, slots } = await readHost(ports, name)
    if (!host) return
    pools.set(host.pool, added(pools.get(host.pool), slots))
    if (host.state === 'quarantined') count.quarantined += 1
    count.astray += await putRight(ports, host, slots)
    for (const slot of slots) {
      if (slot.state !== 'dirty' && slot.state !== 'broken') continue
      count.unclean += 1
      await guard.over({ host: name, slot: slot.number }, undefined, async () =>
        ports.executions.cleanSlot(slot.host, slot.number, slot.epoch),
      )
    }
  }
  const work = async () => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const host = name
      await guard.over({ host }, undefined, async () => look(host))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { ...count, pools }
}

async function putRight(ports: Needs, host: Host, slots: readonly Slot[]): Promise<number> {
  const now = ports.clock.now()
  if (host.state !== 'active' && host.changed?.until !== undefined && now >= host.changed.until) {
    const by = { now, actor: 'sweep', cause: `${host.state} until now` }
    await changeHost(ports, host.name, { state: 'active', from: [host.state] }, by)
    return 0
  }
  if (host.state === 'quarantined') await ports.executions.probeHost(host.name, host.changes)
  return slots.every((slot) => follows(slot, host)) ? 0 : settleHost(ports, host.name, 'sweep')
}

const added = (before: Supply = { slots: 0, held: 0, epochs: 0 }, slots: readonly Slot[]): Supply => ({
  slots: before.slots + slots.length,
  held: before.held + slots.filter((slot) => slot.state === 'held').length,
  epochs: before.epochs + slots.reduce((sum, slot) => sum + slot.epoch, 0),
})
