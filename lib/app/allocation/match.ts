import type { Place } from '../../domain/matching.ts'
import { turnOf } from '../../domain/matching.ts'
import type { FreeToken } from '../../domain/slot.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { readQueue, readTokens } from '../store/read.ts'
import type { Served } from './serve.ts'
import { serve } from './serve.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** Longest pause between two attempts that lost a race, milliseconds. */
const JITTER = 20

/**
 * After a waiter was written: reads tokens, then the queue, and serves somebody, until there is no token or the own
 * waiter is gone. It may stop only on what it read after its own write.
 */
export async function matchWaiter(ports: Needs, pool: string, own: string, actor: string): Promise<void> {
  for (let lost = 0; lost < ATTEMPTS;) {
    const tokens = await readTokens(ports, pool)
    if (tokens.length === 0) return
    const turn = turnOf(own, await readQueue(ports, pool), tokens.length)
    if (turn.act === 'stop') return
    const served = await tryServing(ports, pool, turn.place, tokens, actor)
    // The commit that took the own waiter out of the queue is an observation, too.
    if (served === 'served' && turn.place.key === own) return
    lost = served === 'lost_race' ? lost + 1 : 0
  }
  throw contended(`serving the queue of ${pool}`)
}

/**
 * After a token was written, and for the sweep: gives free slots to the head of the queue, until one of both is empty.
 * Answers how many leases were served.
 */
export async function matchPool(ports: Needs, pool: string, actor: string): Promise<number> {
  let served = 0
  for (let lost = 0; lost < ATTEMPTS;) {
    const [head] = await readQueue(ports, pool, 1)
    if (!head) return served
    const tokens = await readTokens(ports, pool)
    if (tokens.length === 0) return served
    const outcome = await tryServing(ports, pool, head, tokens, actor)
    if (outcome === 'served') served += 1
    lost = outcome === 'lost_race' ? lost + 1 : 0
  }
  throw contended(`serving the queue of ${pool}`)
}

async function tryServing(
  ports: Needs,
  pool: string,
  place: Place,
  tokens: readonly FreeToken[],
  actor: string,
): Promise<Served> {
  const served = await serve(ports, pool, place, tokens, actor)
  if (served === 'lost_race') await ports.clock.sleep(ports.chance.fraction() * JITTER)
  return served
}
