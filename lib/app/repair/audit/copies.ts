import { MEASURE_AFTER } from '../../../domain/limits.ts'
import { sortCopies } from '../../../domain/warmth.ts'
import type { WorkingCopy } from '../../../domain/working-copy.ts'
import { isIdle } from '../../copies/tidy-due.ts'
import type { Ports } from '../../ports/ports.ts'
import { notThereYet } from '../../store/conditions/any-item.ts'
import { readCopies } from '../../store/copy-item.ts'
import { registryOf, slotKey } from '../../store/keys.ts'
import { readHost } from '../../store/read.ts'
import { loseCopy } from '../../transactions/copies.ts'
import { tidySlot } from '../../transactions/tidy.ts'
import type { Guard } from '../guard.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Every record of a working copy is of a slot that there is; and what was given up does not lie on an idle slot that
 * nobody means to look after soon. Answers how many were not so. What hosts really have, each slot's own survey tells.
 */
export async function auditCopies(ports: Needs, guard: Guard): Promise<number> {
  const hosts = await ports.table.query({ PK: registryOf('host'), limit: 10_000 })
  let found = 0
  for (const { SK: host } of hosts) {
    found += await guard.over({ host }, 0, async () => look(ports, host))
  }
  return found
}

async function look(ports: Needs, host: string): Promise<number> {
  // The slots first: one that is still as it was read then had these copies.
  const { slots } = await readHost(ports, host)
  const copies = await readCopies(ports, host)
  const by = { now: ports.clock.now(), actor: 'audit' }
  let found = 0
  for (const copy of copies) {
    if (slots.some(({ number }) => number === copy.number)) continue
    found += await forget(ports, copy)
  }
  for (const slot of slots.filter(isIdle)) {
    const own = copies.filter(({ number }) => number === slot.number)
    const { go } = sortCopies(own, by.now)
    if (go.length === 0 || (slot.tidyAt !== undefined && slot.tidyAt <= by.now + MEASURE_AFTER)) continue
    if (!(await tidySlot(ports, slot, go, by)).committed) continue
    await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
    found += 1
  }
  return found
}

async function forget(ports: Needs, copy: WorkingCopy): Promise<number> {
  const by = { now: ports.clock.now(), actor: 'audit' }
  const { committed } = await ports.table.transact(ports.chance.opaque(), [
    { kind: 'check', key: slotKey(copy.host, copy.number), when: notThereYet },
    ...loseCopy(copy, 'host_removed', by),
  ])
  return committed ? 1 : 0
}
