import type { Caller } from '../../domain/access.ts'
import type { Build } from '../../domain/build.ts'
import { releaseBuild, renewBuild, reviseRelease } from '../../domain/build-transitions.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Cause } from '../../domain/step.ts'
import type { WorkStep } from '../../domain/work.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { keepKey } from '../store/key-record.ts'
import { idempotencyKey } from '../store/keys.ts'
import { moveBuild } from '../transactions/move-build.ts'
import { askForLease } from './ask-for-lease.ts'
import { readableBuild } from './build.ts'
import { giveBack } from './give-back.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>

const MOST_GENERATIONS = 100

/**
 * A new generation of the build, with a lease of its own. One that runs is ended first: the new lease is asked for only
 * when nothing of the old one is left, so that the two can never meet.
 */
export async function restartBuild(
  ports: Needs,
  caller: Caller,
  id: string,
  key: { readonly hash: string; readonly requestHash: string },
): Promise<Result<Build>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await readableBuild(ports, caller, id)
    if (!found.ok) return found
    const { build, told } = found.value
    if (caller.scopes.includes('untrusted') && !build.untrusted) {
      return refuse(
        'not_authorized',
        'The build was made by somebody trusted; who is not cannot begin it anew.',
      )
    }
    const record = await ports.table.get(idempotencyKey(caller.principal, key.hash))
    if (record && Number(record['expires']) > ports.clock.now()) {
      if (record['requestHash'] === key.requestHash && record['build'] === id) return goOn(ports, build, told)
      return refuse('key_reused', 'This Idempotency-Key came with another request before.')
    }
    if (build.generation >= MOST_GENERATIONS) {
      return refuse('conflict', `A build has ${MOST_GENERATIONS} generations at most.`)
    }
    const now = ports.clock.now()
    const step = restarted(build, ports.chance.ulid(), { now, actor: caller.principal })
    const used = keepKey({ ...key, owner: caller.principal }, { build: id }, now)
    if ((await moveBuild(ports, build, step, [used])).committed) return goOn(ports, step.work, told)
  }
  throw contended(`restarting build ${id}`)
}

/** What follows from the record as it is now; harmless to do again. */
async function goOn(ports: Needs, build: Build, told: number): Promise<Result<Build>> {
  if (build.status === 'waiting') await askForLease(ports, build)
  if (build.status === 'releasing') await giveBack(ports, build, told)
  if (build.timer !== undefined) await ports.executions.ensureBuild(build.id, build.generation)
  await tellWork(ports, 'build', build.id)
  return ok(build)
}

function restarted(build: Build, leaseId: string, by: Cause): WorkStep<Build> {
  switch (build.status) {
    case 'waiting':
    case 'running':
      return releaseBuild(build, { outcome: 'aborted', reason: 'restarted' }, by, { restart: { leaseId } })
    case 'releasing':
      return reviseRelease(build, { leaseId }, by)
    case 'ended':
      return renewBuild(build, leaseId, by)
  }
}
