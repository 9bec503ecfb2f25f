import type { SlotRef, Survey } from '../../app/ports/hosts.ts'

/** The working copies on the disks of fake hosts, by slot (`host/number`). */
export interface FakeCopies {
  /** Begun by a checkout of this epoch, whether it comes to its end or not. */
  begin(slot: string, epoch: number, name: string): void
  tidy(slot: string, ref: SlotRef, open: boolean, keep: readonly string[]): Survey
  wipe(slot: string): void
  /** Somebody's hand removed it. */
  lose(slot: string, name: string): void
  names(slot: string): readonly string[]
}

const BYTES = 4_096
export const FAKE_DISK = { freeBytes: 10 ** 12, totalBytes: 2 * 10 ** 12 }

export function createFakeCopies(disk: (host: string) => Survey['disk']): FakeCopies {
  const slots = new Map<string, Map<string, number>>()
  const of = (slot: string): Map<string, number> => {
    const copies = slots.get(slot) ?? new Map<string, number>()
    slots.set(slot, copies)
    return copies
  }
  return {
    begin: (slot, epoch, name) => void of(slot).set(name, epoch),
    wipe: (slot) => void slots.delete(slot),
    lose: (slot, name) => void of(slot).delete(name),
    names: (slot) => [...of(slot).keys()],
    tidy: (slot, { epoch }, open, keep) => {
      for (const [name, begun] of of(slot)) {
        if (!keep.includes(name) && !(open && begun === epoch)) of(slot).delete(name)
      }
      const host = slot.slice(0, slot.lastIndexOf('/'))
      return { copies: [...of(slot).keys()].map((name) => ({ name, bytes: BYTES })), disk: disk(host) }
    },
  }
}
