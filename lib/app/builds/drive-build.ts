import type { Build } from '../../domain/build.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { giveUp, whereOf } from './end-steps.ts'
import { readBuild } from './build.ts'
import { concludeBuild, giveBack } from './give-back.ts'
import { lookForLease } from './look-for-lease.ts'
import { runSteps } from './run-steps.ts'

export type DriveNeeds = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>

/** What a state of the machine is for. */
export type BuildAct = 'LEASE' | 'STEP' | 'RELEASE' | 'RESULT'

/** Where a build's execution goes next. It waits only while it was told as often as it is here. */
export type BuildRoute =
  | {
      readonly route: 'AWAIT_LEASE' | 'AWAIT_STEP' | 'AWAIT_RELEASE'
      readonly told: number
      readonly timeoutSeconds: number
    }
  | { readonly route: BuildAct | 'DONE' }
  | { readonly route: 'NOTIFY'; readonly event: BuildEvent }

/** What everybody may hear of the end of a build; who wants more asks for it. */
export type BuildEvent = Readonly<Record<string, string | number>> & {
  readonly buildId: string
  readonly generation: number
  readonly tenant: string
  readonly repository: string
  readonly commit?: string
  readonly outcome: string
  readonly reason?: string
}

/** `undefined`: somebody else moved the build; it is to be read again. */
export type Driven = BuildRoute | undefined

/**
 * One step of one generation of a build, as its record asks for it, whichever state of the machine calls: a state that
 * does not fit the record any more is told where to go. Harmless to call twice, or by two executions.
 *
 * @param faulty the execution could not go on for long: a fault of ours, and the lease must not wait for its end
 */
export async function driveBuild(
  ports: DriveNeeds,
  id: string,
  generation: number,
  act: BuildAct,
  faulty = false,
): Promise<BuildRoute> {
  for (let lost = 0; lost < ATTEMPTS;) {
    const read = await readBuild(ports, id)
    if (!read) return { route: 'DONE' }
    const { build, told } = read
    if (build.generation !== generation) {
      // A later one goes on in an execution of its own; whoever began it may have died before it had one.
      if (build.timer !== undefined) await ports.executions.ensureBuild(id, build.generation)
      return { route: 'DONE' }
    }
    const stuck = faulty && (build.status === 'waiting' || build.status === 'running')
    const route = stuck ? await giveUp(ports, build) : await drive(ports, build, told, act)
    if (route) return route
    lost += 1
    await pauseAfter(ports, lost)
  }
  throw contended(`driving build ${id}`)
}

async function drive(ports: DriveNeeds, build: Build, told: number, act: BuildAct): Promise<Driven> {
  switch (build.status) {
    case 'waiting':
      return act === 'LEASE' || act === 'STEP' ? lookForLease(ports, build, told, act) : whereOf(build)
    case 'running':
      return act === 'STEP' ? runSteps(ports, build, told) : whereOf(build)
    case 'releasing':
      if (act === 'RESULT') return concludeBuild(ports, build)
      return act === 'RELEASE' ? giveBack(ports, build, told) : whereOf(build)
    case 'ended':
      return whereOf(build)
  }
}
