import { turnOf } from '../../domain/matching.ts'
import type { Ports } from '../ports/ports.ts'
import { readQueue, readTokens } from '../store/read.ts'
import { serve } from './serve.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions'>

/** Longest pause between two attempts that lost a race, milliseconds. */
const JITTER = 20

/**
 * After a waiter was written: reads tokens, then the queue, and serves somebody, until there is no token or the own
 * waiter is gone. It may stop only on what it read after its own write.
 */
export async function matchWaiter(ports: Needs, pool: string, own: string, actor: string): Promise<void> {
  for (;;) {
    const tokens = await readTokens(ports, pool)
    if (tokens.length === 0) return
    const turn = turnOf(own, await readQueue(ports, pool), tokens.length)
    if (turn.act === 'stop') return
    if ((await serve(ports, turn.place, tokens, actor)) !== 'served') await pause(ports)
  }
}

/**
 * After a token was written, and for the sweep: gives free slots to the head of the queue, until one of both is empty.
 * Answers how many leases were served.
 */
export async function matchPool(ports: Needs, pool: string, actor: string): Promise<number> {
  let served = 0
  for (;;) {
    const [head] = await readQueue(ports, pool, 1)
    if (!head) return served
    const tokens = await readTokens(ports, pool)
    if (tokens.length === 0) return served
    if ((await serve(ports, head, tokens, actor)) === 'served') served += 1
    else await pause(ports)
  }
}

const pause = (ports: Pick<Ports, 'clock' | 'chance'>) => ports.clock.sleep(ports.chance.fraction() * JITTER)
