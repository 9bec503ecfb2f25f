import { SURVEY_EVERY } from '../../domain/limits.ts'
import type { Going } from '../../domain/warmth.ts'
import { firstIdle, sortCopies } from '../../domain/warmth.ts'
import type { ActiveCopy } from '../../domain/working-copy.ts'
import type { HostAnswer, HostTarget, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'
import { readCopies } from '../store/copy-item.ts'
import type { Tidied } from '../transactions/clean.ts'

type Needs = Pick<Ports, 'table' | 'clock' | 'hosts'>

/**
 * Removes from a slot that nobody has whatever its records do not keep, and compares them with what is there: the
 * copies that stay with their sizes, and those that are gone.
 */
export async function tidyCopies(ports: Needs, host: HostTarget, ref: SlotRef): Promise<HostAnswer<Tidied>> {
  const by = { now: ports.clock.now(), actor: 'cleaning' }
  const sorted = sortCopies(await readCopies(ports, host.name, ref.slot), by.now)
  const tidied = await ports.hosts.tidy(host, ref, { keep: sorted.stay.map(({ name }) => name) })
  if (tidied.kind !== 'done') return tidied
  const { copies } = tidied.value
  const sizes = new Map(copies.map(({ name, bytes }) => [name, bytes]))
  const stay = sorted.stay.filter(({ name }) => sizes.has(name))
  const missing = sorted.stay
    .filter(({ name }) => !sizes.has(name))
    .map((copy): Going => ({ copy, why: 'missing' }))
  const idle = firstIdle(stay)
  return {
    kind: 'done',
    value: {
      stay: stay.map((before) => ({ before, now: measured(before, sizes.get(before.name)) })),
      gone: [...sorted.go, ...missing],
      by,
      disk: tidied.value.disk,
      ...(idle === undefined ? {} : { tidyAt: Math.min(idle, by.now + SURVEY_EVERY) }),
    },
  }
}

/** Of a slot that was started anew nothing is left. */
export async function wipedCopies(ports: Needs, host: string, number: number): Promise<Tidied> {
  const copies = await readCopies(ports, host, number)
  const by = { now: ports.clock.now(), actor: 'cleaning' }
  return { stay: [], gone: copies.map((copy) => ({ copy, why: 'wiped' })), by }
}

const measured = (copy: ActiveCopy, bytes: number | undefined): ActiveCopy =>
  bytes === undefined || bytes === copy.bytes ? copy : { ...copy, bytes, version: copy.version + 1 }
