import { runningStep } from '../../domain/build.ts'
import { DEFAULTS, TIMERS } from '../../domain/limits.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { RepairWork } from '../repair/repair-work.ts'
import { rearmWork } from '../transactions/rearm-work.ts'
import { readBuild } from './build.ts'

/** Between two looks at a build that goes on: a lease whose execution died is renewed before it ends. Milliseconds. */
const CALM = 120_000
/** Its webhook is tried again and again by an execution that mostly sleeps. */
const TELLING = 3_600_000

/**
 * Sees to the build's execution, and to whoever follows the step that runs, and tells it to look. It decides by the
 * record, so that nothing more has to be known here.
 */
export const repairBuild: RepairWork = async (ports, id) => {
  const read = await readBuild(ports, id)
  if (!read || read.build.timer === undefined) return 'gone'
  const { build } = read
  await ports.executions.ensureBuild(id, build.generation)
  const step = build.states[runningStep(build)]
  if (step?.status === 'running') await ports.executions.ensureCommand(build.leaseId, step.command)
  await tellWork(ports, 'build', id)
  const giving = build.status === 'releasing'
  const calm = build.status === 'ended' ? TELLING : Math.min(CALM, (build.lease.ttl ?? DEFAULTS.ttl) / 2)
  const pause = giving ? TIMERS.step : calm
  await rearmWork(ports, 'build', build, ports.clock.now() + pause)
  return giving ? 'restarted' : 'nothing'
}
