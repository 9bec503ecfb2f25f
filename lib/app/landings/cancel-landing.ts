import type { Caller } from '../../domain/access.ts'
import { isOperator } from '../../domain/access.ts'
import type { Landing } from '../../domain/landing/landing.ts'
import { settle } from '../../domain/landing/steps.ts'
import type { Refusal, Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { readLanding } from '../store/landing-item.ts'
import { leave } from '../transactions/branch-turn.ts'
import { move } from './settle-landing.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** The same words whether there is none or it is somebody else's. */
const noSuchLanding = (id: string): { readonly ok: false; readonly refusal: Refusal } =>
  refuse('not_found', `There is no landing ${id}, or it is not yours.`)

export const mayReadLanding = (caller: Caller, landing: Pick<Landing, 'tenant' | 'owner'>): boolean =>
  isOperator(caller) ||
  (caller.lease === undefined && caller.tenant === landing.tenant && caller.principal === landing.owner)

export async function readableLanding(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<Landing>> {
  const landing = await readLanding(ports, id)
  return landing && mayReadLanding(caller, landing) ? ok(landing) : noSuchLanding(id)
}

/** Until its push begins a landing can be called back; one that is over stays as it is. */
export async function cancelLanding(ports: Needs, caller: Caller, id: string): Promise<Result<Landing>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await readableLanding(ports, caller, id)
    if (!found.ok) return found
    const landing = found.value
    if (landing.status === 'ended' || landing.status === 'ending') return found
    if (landing.pushBegun) {
      return refuse('push_begun', 'Its push has begun: only the remote knows whether it has landed.')
    }
    const by = { now: ports.clock.now(), actor: caller.principal }
    const outcome = { result: 'cancelled', by: caller.principal } as const
    const cancelled =
      landing.status === 'queued'
        ? (await leave(ports, landing, outcome, by)).committed
        : await move(ports, landing, settle(landing, outcome, by))
    if (!cancelled) continue
    await ports.executions.ensureLanding(id)
    await tellWork(ports, 'landing', id)
    return readableLanding(ports, caller, id)
  }
  throw contended(`cancelling landing ${id}`)
}
