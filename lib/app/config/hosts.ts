import type { Result } from '../../domain/refusals.ts'
import { refuse } from '../../domain/refusals.ts'
import { givesLeases } from '../../domain/slot.ts'
import type { DirtySlot, Host, Slot } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import type { Write } from '../ports/table.ts'
import { asRegistered, configUnchanged, notThereYet, slotAsRead, stillThere } from '../store/conditions.ts'
import { hostKey, registryKey, slotKey, tokenItemKey } from '../store/keys.ts'
import { hostItem, hostOf, slotItem, slotOf } from '../store/slot-item.ts'
import { settled } from './settled.ts'
import type { HostSpec } from './read-config.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'executions' | 'journal'>

/** Creates or changes a host. Its new slots are born dirty: the first cleaning makes them known to the host. */
export async function putHost(
  ports: Needs,
  spec: HostSpec,
  version: number | undefined,
): Promise<Result<undefined>> {
  const slots = await readSlots(ports, spec.name)
  if (slots.length > spec.capacity) {
    return refuse(
      'in_use',
      `Host ${spec.name} has ${slots.length} slots; remove it and add it again to have fewer.`,
    )
  }
  const before = await ports.table.get(hostKey(spec.name))
  if (before && hostOf(before).pool !== spec.pool) {
    return refuse(
      'in_use',
      `Host ${spec.name} is in pool ${hostOf(before).pool}; remove it first to move it.`,
    )
  }
  const host: Host = before
    ? { ...hostOf(before), ...spec }
    : { ...spec, state: 'active', changes: 0, failuresInARow: 0 }
  const made = Array.from({ length: spec.capacity }, (_, number) => newSlot(host, number)).slice(slots.length)
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    // What is said of the host meanwhile, and its state, is not the document's: only what it declares is written.
    before
      ? {
          kind: 'update',
          key: hostKey(spec.name),
          set: { ...spec, version: (version ?? 0) + 1 },
          when: configUnchanged(version),
        }
      : { kind: 'put', item: { ...hostItem(host), version: 1 }, when: configUnchanged(version) },
    {
      kind: 'update',
      key: registryKey('host', spec.name),
      set: { name: spec.name, pool: spec.pool },
      when: asRegistered,
    },
    ...made.map((slot): Write => ({ kind: 'put', item: slotItem(slot), when: notThereYet })),
  ])
  if (outcome.committed) {
    const unclean = [...slots.filter((slot) => slot.state === 'dirty'), ...made]
    for (const { number, epoch } of unclean) await ports.executions.cleanSlot(spec.name, number, epoch)
  }
  return settled(outcome, spec.name)
}

/** A host with a held slot stays: what a lease uses is never pulled away by a document. */
export async function removeHost(
  ports: Needs,
  name: string,
  version: number | undefined,
): Promise<Result<undefined>> {
  const slots = await readSlots(ports, name)
  const held = slots.find((slot) => slot.state === 'held')
  if (held?.state === 'held') {
    return refuse('in_use', `Slot ${held.number} of host ${name} is held by a lease.`, {
      leaseId: held.lease,
    })
  }
  for (let start = 0; start < slots.length; start += BATCH) {
    const batch = slots.slice(start, start + BATCH).flatMap(withoutSlot)
    const removed = await ports.table.transact(ports.chance.opaque(), batch)
    if (!removed.committed) return settled(removed, name)
  }
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'delete', key: hostKey(name), when: configUnchanged(version) },
    { kind: 'delete', key: registryKey('host', name), when: stillThere },
  ])
  return settled(outcome, name)
}

/** Slots that go in one transaction, each with its token: the host itself goes last, so a broken removal goes on. */
const BATCH = 40

const withoutSlot = (slot: Slot): readonly Write[] => [
  { kind: 'delete', key: slotKey(slot.host, slot.number), when: slotAsRead(slot) },
  ...(slot.state === 'free'
    ? [{ kind: 'delete', key: tokenItemKey(slot.pool, slot.token), when: stillThere } as const]
    : []),
]

export async function readSlots(ports: Pick<Ports, 'table'>, host: string): Promise<readonly Slot[]> {
  const { PK, SK: from } = slotKey(host, 0)
  const items = await ports.table.query({ PK, from, to: 'S#~', limit: 1_000 })
  return items.map(slotOf)
}

const newSlot = (host: Host, number: number): DirtySlot => ({
  state: 'dirty',
  host: host.name,
  number,
  pool: host.pool,
  epoch: 1,
  nonce: null,
  offered: givesLeases(host),
  warm: [],
})
