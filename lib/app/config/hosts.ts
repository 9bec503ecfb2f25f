import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { reachOf } from '../../domain/slot.ts'
import type { Host, Slot } from '../../domain/slot.ts'
import { changeHost } from '../fleet/change-host.ts'
import { dismantleHost } from '../fleet/dismantle-host.ts'
import { settleHost } from '../fleet/settle-host.ts'
import type { Ports } from '../ports/ports.ts'
import type { Write } from '../ports/table.ts'
import { asRegistered } from '../store/conditions/any-item.ts'
import { configUnchanged, hostAsConfigured } from '../store/conditions/fleet.ts'
import { hostKey, registryKey } from '../store/keys.ts'
import { readHost } from '../store/read.ts'
import { hostItem, hostOf } from '../store/slot-item.ts'
import { settled } from './settled.ts'
import type { HostSpec } from './read-config.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

const ACTOR = 'configuration'

/** Creates or changes a host. Its new slots are born dirty: the first cleaning makes them known to the host. */
export async function putHost(
  ports: Needs,
  spec: HostSpec,
  version: number | undefined,
): Promise<Result<undefined>> {
  const { slots } = await readHost(ports, spec.name)
  const item = await ports.table.get(hostKey(spec.name))
  const before = item && hostOf(item)
  // Its slots may just be being made: what it was to have counts, not what it has. One that leaves gets none any more.
  const has = before && before.state !== 'destroyed' ? before.capacity : highest(slots) + 1
  if (has > spec.capacity) {
    return refuse('in_use', `Host ${spec.name} has ${has} slots; remove it and add it again to have fewer.`)
  }
  if (before && before.pool !== spec.pool) {
    return refuse('in_use', `Host ${spec.name} is in pool ${before.pool}; remove it first to move it.`)
  }
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    before ? declared(before, spec, version) : created(ports, spec, version),
    {
      kind: 'update',
      key: registryKey('host', spec.name),
      set: { name: spec.name, pool: spec.pool },
      when: asRegistered,
    },
  ])
  if (outcome.committed) await prepare(ports, spec.name)
  const moved = outcome.committed && before !== undefined && isElsewhere(before, spec)
  if (moved) await ports.executions.probeHost(spec.name, `d${version ?? 0}`)
  return settled(outcome, spec.name)
}

const highest = (slots: readonly Slot[]): number => Math.max(-1, ...slots.map((slot) => slot.number))

/** Where its count of changes begins nobody can guess: what was meant for an earlier host of its name must not fit it. */
const created = ({ chance }: Needs, spec: HostSpec, version: number | undefined): Write => {
  const changes = Math.floor(chance.fraction() * 2 ** 32)
  const host: Host = { ...spec, state: 'active', changes, failuresInARow: 0 }
  return { kind: 'put', item: { ...hostItem(host), version: 1 }, when: configUnchanged(version) }
}

/**
 * What is said of the host meanwhile, and its state, is not the document's: only what it declares is written. But one
 * that was leaving stays.
 */
const declared = (before: Host, spec: HostSpec, version = 0): Write => ({
  kind: 'update',
  key: hostKey(spec.name),
  set: {
    ...spec,
    version: version + 1,
    ...(before.state === 'destroyed' ? { state: 'active', changes: before.changes + 1 } : {}),
  },
  // What reached it before would else stay beside what reaches it now; and nobody knows yet what another machine can do.
  remove: [
    ...Object.keys(reachOf(before)).filter((name) => !(name in spec)),
    ...(isElsewhere(before, spec) ? ['isolation', 'probedAt', 'probe'] : []),
    ...(before.state === 'destroyed' ? ['lost', 'reason'] : []),
  ],
  when: hostAsConfigured(before.changes, version),
})

const isElsewhere = (before: Host, spec: HostSpec): boolean =>
  before.directory !== spec.directory || JSON.stringify(reachOf(before)) !== JSON.stringify(reachOf(spec))

/** Its slots are made, offered as its state says, and cleaned. */
async function prepare(ports: Needs, name: string): Promise<void> {
  await settleHost(ports, name, ACTOR)
  const { slots } = await readHost(ports, name)
  const unclean = slots.filter((slot) => slot.state === 'dirty')
  for (const { number, epoch } of unclean) await ports.executions.cleanSlot(name, number, epoch)
}

/** It gives no leases from now on, and goes when its last one has ended. */
export async function removeHost(
  ports: Needs,
  name: string,
  version: number | undefined,
): Promise<Result<undefined>> {
  const change = {
    state: 'destroyed',
    reason: 'removed from the configuration',
    ...(version === undefined ? {} : { version }),
  } as const
  const changed = await changeHost(ports, name, change, { now: ports.clock.now(), actor: ACTOR })
  if (!changed.ok) return changed
  await dismantleHost(ports, name)
  return ok(undefined)
}
