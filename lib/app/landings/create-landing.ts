import type { Caller } from '../../domain/access.ts'
import type { Landing, LandingTerms } from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import { queue } from '../../domain/landing/steps.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { text } from '../store/attributes.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { nextPlace } from '../store/conditions/landing.ts'
import { keepKey } from '../store/key-record.ts'
import { idempotencyKey, lastPlaceKey } from '../store/keys.ts'
import { landingPlaceItem, readLanding } from '../store/landing-item.ts'
import { beginWork } from '../transactions/move-work.ts'
import type { LandingDemand } from './judge-landing.ts'
import { judgeLanding } from './judge-landing.ts'
import { serveBranch } from './serve-branch.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** A landing stands in its branch's queue, and has an execution. The same key makes the same landing again. */
export async function createLanding(
  ports: Needs,
  caller: Caller,
  demand: LandingDemand,
  key: { readonly hash: string; readonly requestHash: string },
): Promise<Result<Landing>> {
  const [record, judged] = await Promise.all([
    ports.table.get(idempotencyKey(caller.principal, key.hash)),
    judgeLanding(ports, caller, demand),
  ])
  if (record && Number(record['expires']) > ports.clock.now()) return replay(ports, record, key.requestHash)
  if (!judged.ok) return judged
  const { repository, branch } = demand
  const now = ports.clock.now()
  const by = { now, actor: caller.principal }
  const { wait, source, expectedHead, blueprint: _, verify: _asked, ...asked } = demand
  const terms: LandingTerms = {
    ...asked,
    source: idOr(source),
    ...(expectedHead === undefined ? {} : { expectedHead: idOr(expectedHead) }),
    id: ports.chance.ulid(),
    tenant: caller.tenant,
    owner: caller.principal,
    ...judged.value,
    createdAt: now,
    waitDeadline: now + (wait ?? LANDING.wait),
    place: await reservePlace(ports, repository, branch),
  }
  const opId = ports.chance.opaque()
  const step = queue(terms, by)
  const outcome = await ports.table.transact(opId, [
    keepKey({ ...key, owner: caller.principal }, { landing: terms.id }, now),
    ...beginWork(opId, 'landing', step),
    { kind: 'put', item: landingPlaceItem(terms), when: notThereYet },
  ])
  if (!outcome.committed) {
    const before = outcome.lost.find((one) => one.condition === 'key_not_used')?.item
    if (before) return replay(ports, before, key.requestHash)
    return refuse('unavailable', 'The landing could not be queued; try again.', { retryAfterSeconds: 1 })
  }
  return begin(ports, step.work)
}

/** A place is a count: who asked after another had his answer stands behind him, whatever the clocks say. */
async function reservePlace(ports: Needs, repository: string, branch: string): Promise<number> {
  const key = lastPlaceKey(repository, branch)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const counted = await ports.table.write({
      kind: 'update',
      key,
      set: {},
      add: { last: 1 },
      when: nextPlace,
    })
    const last = counted.committed ? counted.item?.['last'] : undefined
    if (typeof last === 'number') return last
    const begun = await ports.table.write({ kind: 'put', item: { ...key, last: 1 }, when: notThereYet })
    if (begun.committed) return 1
  }
  throw contended(`reserving a place in the queue of ${repository} ${branch}`)
}

/** The turn first, so that a landing that need not wait starts with it. A death in between is the timer's. */
async function begin(ports: Needs, landing: Landing): Promise<Result<Landing>> {
  const by = { now: ports.clock.now(), actor: landing.owner }
  await serveBranch(ports, landing.repository, landing.branch, by)
  await ports.executions.ensureLanding(landing.id)
  return ok((await readLanding(ports, landing.id)) ?? landing)
}

async function replay(ports: Needs, before: Item, requestHash: string): Promise<Result<Landing>> {
  if (before['requestHash'] !== requestHash || before['landing'] === undefined) {
    return refuse('key_reused', 'This Idempotency-Key came with another request before.')
  }
  const landing = await readLanding(ports, text(before, 'landing'))
  if (!landing) return refuse('not_found', 'The landing that this key made is gone.')
  return landing.status === 'ended' ? ok(landing) : begin(ports, landing)
}

/** Git writes ids in lower case. */
const idOr = (name: string): string =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(name) ? name.toLowerCase() : name
