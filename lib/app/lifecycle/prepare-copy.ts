import type { AcquiredLease, Checkout } from '../../domain/lease.ts'
import { KEEP } from '../../domain/limits.ts'
import type { Cause } from '../../domain/step.ts'
import type { Going } from '../../domain/warmth.ts'
import { copyInUse, sortCopies } from '../../domain/warmth.ts'
import type { ActiveCopy, BrokenCopy, PendingCopy, ReleasedCopy } from '../../domain/working-copy.ts'
import { beginCopy, copyNameOf, releaseCopy, repositoriesOf } from '../../domain/working-copy.ts'
import type { HostAnswer, HostTarget, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { copyId, readCopies } from '../store/copy-item.ts'
import { changeCopy, loseCopy, recordCopies } from '../transactions/copies.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'hosts'>

/** The record of the copy that a checkout will fill, and the others that stay warm beside it. */
export interface Prepared {
  readonly own: PendingCopy | ActiveCopy
  readonly stay: readonly ActiveCopy[]
}

/** `moved`: somebody changed the lease or a record meanwhile. */
type Answer<T> = HostAnswer<T> | { readonly kind: 'moved' }

/**
 * Writes down what a checkout is about to make, before it can exist, and first makes room for it: what may not stay
 * beside it is given up, removed from the host, and then forgotten. Most leases find their copy and nothing to do.
 * `fresh`: nothing may stay but what this very lease has begun.
 */
export async function prepareCopy(
  ports: Needs,
  host: HostTarget,
  ref: SlotRef,
  lease: AcquiredLease,
  checkout: Checkout,
  fresh: boolean,
): Promise<Answer<Prepared>> {
  const by = { now: ports.clock.now(), actor: 'execution' }
  const name = copyNameOf(checkout)
  const copies = await readCopies(ports, lease.slot.host, lease.slot.number)
  const here = copyInUse(copies, name)
  const born = copyId(lease.slot.host, lease.slot.number, lease.epoch)
  const own = fresh && here?.id !== born ? undefined : here
  // Begun in this very holding and given up since: another activation of it has failed, and the holding is over.
  if (copies.some((copy) => copy.id === born && copy !== own)) return { kind: 'moved' }
  const others = copies.filter((copy) => copy !== own)
  const { stay, go } = fresh
    ? { stay: [], go: others.map((copy): Going => ({ copy, why: 'untrusted' })) }
    : sortCopies(others, by.now, (lease.keep ?? KEEP).perSlot - 1)
  if (own && go.length === 0) return { kind: 'done', value: { own, stay } }

  const names = [...stay, ...(own ? [own] : [])].map((copy) => copy.name)
  const room = await makeRoom(ports, { host, ref, lease, keep: names, fresh }, go, by)
  if (room.kind !== 'done') return room
  const ours = own ?? begun(lease, checkout, name, by)
  const forgotten = () => room.value.flatMap((copy) => loseCopy(copy, copy.reason, by))
  const { committed } = await recordCopies(ports, lease, own ? undefined : ours, forgotten)
  return committed ? { kind: 'done', value: { own: ours, stay } } : { kind: 'moved' }
}

/** Of what has to go, answers what the host confirms to be gone. */
async function makeRoom(
  ports: Needs,
  at: {
    readonly host: HostTarget
    readonly ref: SlotRef
    readonly lease: AcquiredLease
    readonly keep: readonly string[]
    readonly fresh: boolean
  },
  go: readonly Going[],
  by: Cause,
): Promise<Answer<readonly (ReleasedCopy | BrokenCopy)[]>> {
  // What lies there without a record is not for who is trusted either.
  if (go.length === 0 && !at.fresh) return { kind: 'done', value: [] }
  const given = go.map(({ copy, why }) => ({
    before: copy,
    after: copy.state === 'active' || copy.state === 'pending' ? releaseCopy(copy, why, by) : copy,
  }))
  const changed = given.filter(({ before, after }) => before !== after)
  if (changed.length > 0) {
    const { committed } = await recordCopies(ports, at.lease, undefined, (opId) =>
      changed.map(({ before, after }) => changeCopy(before, after, opId)),
    )
    if (!committed) return { kind: 'moved' }
  }
  const tidied = await ports.hosts.tidy(at.host, at.ref, { keep: at.keep })
  if (tidied.kind !== 'done') return tidied
  const left = new Set(tidied.value.copies.map(({ name }) => name))
  return { kind: 'done', value: given.map(({ after }) => after).filter(({ name }) => !left.has(name)) }
}

const begun = (
  { id, slot, epoch, blueprint }: AcquiredLease,
  checkout: Checkout,
  name: string,
  by: Cause,
): PendingCopy =>
  beginCopy(
    {
      id: copyId(slot.host, slot.number, epoch),
      host: slot.host,
      number: slot.number,
      pool: slot.pool,
      name,
      blueprint,
      repositories: repositoriesOf(checkout),
      lease: id,
    },
    by,
  )
