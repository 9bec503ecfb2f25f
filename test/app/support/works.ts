import { beginWork } from '../../../lib/app/transactions/move-work.ts'
import { workKey } from '../../../lib/app/store/keys.ts'
import { workFrom } from '../../../lib/app/store/work-item.ts'
import type { Work } from '../../../lib/domain/work.ts'
import type { World } from '../../support/world.ts'
import { itemAt } from './look.ts'

export const WORK_ID = '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'

/** Work of a kind that nobody drives: a record with a version, a timeline and a timer, and nothing else. */
export async function beginSome(world: World): Promise<Work> {
  const now = world.ports.clock.now()
  const work = {
    id: WORK_ID,
    tenant: 'acme',
    status: 'waiting',
    version: 1,
    createdAt: now,
    timer: now + 1_000,
  }
  const event = { version: 1, at: now, type: 'created', actor: 'api-token/ci' }
  await world.table.transact('begin', beginWork('begin', 'landing', { work, event }))
  return work
}

/** Its next transition, and who makes it. */
export const stepOf = (work: Work, status: string, timer: number | undefined) => ({
  work: { ...work, status, version: work.version + 1, ...(timer === undefined ? {} : { timer }) },
  event: { version: work.version + 1, at: work.createdAt, type: status, actor: 'test' },
})

export const workNow = (world: World): Work => workFrom(itemAt(world, workKey('landing', WORK_ID)))
