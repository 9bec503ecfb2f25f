import { LANDING } from '../../domain/landing/limits.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { RepairWork } from '../repair/repair-work.ts'
import { readLanding } from '../store/landing-item.ts'
import { leave } from '../transactions/branch-turn.ts'
import { rearmWork } from '../transactions/rearm-work.ts'
import { serveBranch } from './serve-branch.ts'

const ACTOR = 'repair'

/** Puts a landing right: its branch is served, its execution is made sure of and told, and it is looked at again. */
export const repairLanding: RepairWork = async (ports, id) => {
  const landing = await readLanding(ports, id)
  if (!landing || landing.status === 'ended') return 'gone'
  const by = { now: ports.clock.now(), actor: ACTOR }
  if (landing.status === 'queued') {
    if (by.now >= landing.waitDeadline) {
      const detail = 'its turn did not come in the time that it was given'
      await leave(ports, landing, { result: 'failed', code: 'wait_timeout', detail }, by)
      return 'nothing'
    }
    await serveBranch(ports, landing.repository, landing.branch, by)
    await ports.executions.ensureLanding(id)
    await rearmWork(ports, 'landing', landing, Math.min(by.now + LANDING.queued, landing.waitDeadline))
    return 'nothing'
  }
  await ports.executions.ensureLanding(id)
  await tellWork(ports, 'landing', id)
  await rearmWork(ports, 'landing', landing, by.now + LANDING.busy)
  return 'restarted'
}
