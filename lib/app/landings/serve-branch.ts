import type { QueuedLanding } from '../../domain/landing/landing.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import { tellWork } from '../lifecycle/tell-work.ts'
import type { Ports } from '../ports/ports.ts'
import { text } from '../store/attributes.ts'
import { lastPlaceKey, turnKey, workKey } from '../store/keys.ts'
import { landingOf } from '../store/landing-item.ts'
import { giveTurn } from '../transactions/branch-turn.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Gives a branch's turn to the head of its queue if nobody has it. Whoever wrote a place, or freed the turn, goes on until
 * it reads, after its own write, that the turn is taken or that nobody waits: that is why a free turn and a landing that
 * waits for it do not stay side by side.
 */
export async function serveBranch(
  ports: Needs,
  repository: string,
  branch: string,
  by: Cause,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const turn = await ports.table.get(turnKey(repository, branch))
    if (turn?.['holder'] !== undefined) return
    const head = await headOf(ports, repository, branch)
    if (!head) return
    const given = await giveTurn(ports, head, by)
    if (given.committed) {
      await tellWork(ports, 'landing', head.id)
      return
    }
    await pauseAfter(ports, attempt)
  }
  throw contended(`giving the turn of ${repository} ${branch}`)
}

/** Who is next. Its place and its record change together: one that is not queued any more has just left. */
export async function headOf(
  ports: Needs,
  repository: string,
  branch: string,
): Promise<QueuedLanding | undefined> {
  const { PK } = lastPlaceKey(repository, branch)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const [place] = await ports.table.query({ PK, from: 'W#', to: 'W#~', limit: 1 })
    if (!place) return undefined
    const item = await ports.table.get(workKey('landing', text(place, 'landing')))
    const landing = item && landingOf(item)
    if (landing?.status === 'queued') return landing
    await pauseAfter(ports, attempt)
  }
  throw contended(`finding the head of ${repository} ${branch}`)
}

/** How many are before it, itself included; 1 = next. */
export async function placeInQueue(ports: Pick<Ports, 'table'>, landing: QueuedLanding): Promise<number> {
  const { PK } = lastPlaceKey(landing.repository, landing.branch)
  const items = await ports.table.query({ PK, from: 'W#', to: 'W#~', limit: 1_000 })
  const at = items.findIndex((item) => item['landing'] === landing.id)
  return at < 0 ? items.length : at + 1
}
