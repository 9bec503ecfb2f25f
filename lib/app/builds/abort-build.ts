import type { Caller } from '../../domain/access.ts'
import type { Build } from '../../domain/build.ts'
import { releaseBuild, reviseRelease, triesAgain } from '../../domain/build-transitions.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { moveBuild } from '../transactions/move-build.ts'
import { readableBuild } from './build.ts'
import { giveBack } from './give-back.ts'

/**
 * Ends the build now. Its lease is given back at once, which kills whatever runs; the build has ended when the host
 * has confirmed that. Steps that always run do not: who aborts wants the slot to be free. The same answer twice.
 */
export async function abortBuild(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  caller: Caller,
  id: string,
): Promise<Result<Build>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await readableBuild(ports, caller, id)
    if (!found.ok) return found
    const { build, told } = found.value
    const by = { now: ports.clock.now(), actor: caller.principal }
    if (build.status === 'ended') return ok(build)
    if (build.status === 'releasing' && !build.restart && !triesAgain(build)) return ok(build)
    const verdict = { outcome: 'aborted', reason: 'aborted' } as const
    const step =
      build.status === 'releasing' ? reviseRelease(build, undefined, by) : releaseBuild(build, verdict, by)
    if (!(await moveBuild(ports, build, step)).committed) continue
    await giveBack(ports, step.work, told)
    await tellWork(ports, 'build', id)
    return ok(step.work)
  }
  throw contended(`aborting build ${id}`)
}
