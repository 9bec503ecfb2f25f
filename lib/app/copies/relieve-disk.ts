import type { DiskSpace } from '../../domain/disk.ts'
import { copiesForRoom, isBelowFloor, overBudget } from '../../domain/disk.ts'
import { quarantine } from '../fleet/quarantine.ts'
import type { Ports } from '../ports/ports.ts'
import { readCopies } from '../store/copy-item.ts'
import { readHost } from '../store/read.ts'
import { tidySlot } from '../transactions/tidy.ts'
import { isIdle } from './tidy-due.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * A host whose disk is fuller than its budget gives up idle copies, the least recently used first, on whichever of its
 * slots they stand; never one that a lease has. Below its floor it takes no new lease until a probe finds room again.
 * Costs nothing while there is room. Answers how many go.
 */
export async function relieveDisk(ports: Needs, host: string, disk: DiskSpace): Promise<number> {
  const bytes = overBudget(disk)
  if (bytes === 0) return 0
  const by = { now: ports.clock.now(), actor: 'disk budget' }
  if (isBelowFloor(disk)) {
    const free = Math.floor(disk.freeBytes / 1024 / 1024)
    await quarantine(ports, host, `disk_nearly_full: ${free} MiB are free`, by)
  }
  const [{ slots }, copies] = await Promise.all([readHost(ports, host), readCopies(ports, host)])
  const chosen = copiesForRoom(copies, slots, bytes)
  let going = 0
  for (const slot of slots.filter(isIdle)) {
    const go = chosen
      .filter(({ number }) => number === slot.number)
      .map((copy) => ({ copy, why: 'disk' }) as const)
    if (go.length === 0 || !(await tidySlot(ports, slot, go, by)).committed) continue
    going += go.length
    await ports.executions.cleanSlot(slot.host, slot.number, slot.epoch)
  }
  ports.journal.info('a disk is above its budget', { host, bytes, copies: going })
  return going
}
