import { isFurtherBack, turnOf, WIDE, WINDOW } from '../../domain/matching.ts'
import { ATTEMPTS, contended, pauseAfter } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { readFirstTokens, readQueue, readTokens } from '../store/read.ts'
import type { Served } from './serve.ts'
import { serve } from './serve.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/**
 * Pauses before somebody else's waiter is served, in milliseconds: its own handler is at it, unless it died, and then one
 * helper is enough. So the next one in line looks after it first, and each place behind waits longer.
 */
const PATIENCE = { least: 75, place: 10, longest: 1_000 }

/**
 * After a waiter was written: reads tokens, then the queue, and serves somebody, until there is no token or the own
 * waiter is gone. It may stop only on what it read after its own write.
 */
export async function matchWaiter(ports: Needs, pool: string, own: string, actor: string): Promise<void> {
  let waitedFor: string | undefined
  let patience = 1
  for (let lost = 0; lost < ATTEMPTS;) {
    const { turn, tokens, behind } = await look(ports, pool, own, patience > 1)
    if (turn.act === 'stop') return
    const { key } = turn.place
    if (key !== own && key !== waitedFor) {
      const pause = Math.min(PATIENCE.longest, patience * (PATIENCE.least + behind * PATIENCE.place))
      await ports.clock.sleep(pause * (1 + ports.chance.fraction()))
      // A head that has changed meanwhile is one that is being served: the longer that goes on, the less help it needs.
      patience *= 2
      waitedFor = key
      continue
    }
    const served = await serve(ports, pool, turn, tokens, actor)
    // The commit that took the own waiter out of the queue is an observation, too.
    if (served === 'served' && key === own) return
    lost = await afterAttempt(ports, served, lost)
    // Somebody else is at it, too.
    if (served === 'lost_race') waitedFor = undefined
  }
  throw contended(`serving the queue of ${pool}`)
}

/** Whose turn it is by the queue as it stands, the tokens that there are for it, and how far it is from being due. */
async function look(ports: Needs, pool: string, own: string, again: boolean) {
  const { tokens, all } = again ? await firstTokens(ports, pool) : await readTokens(ports, pool)
  if (tokens.length === 0) return { turn: STOP, tokens, behind: 0 }
  let window = WINDOW
  let queue = await readQueue(ports, pool, window)
  if (!all && isFurtherBack(own, queue, window)) {
    window = WIDE
    queue = await readQueue(ports, pool, window)
  }
  const position = queue.findIndex(({ key }) => key === own)
  const due = position < tokens.length || !all
  // Who is not the head needs tokens that are newer than the queue: some may have gone with those who left it.
  const newer = position > 0 && due ? await readFirstTokens(ports, pool, position + 1) : tokens
  const behind = Math.max(0, (position < 0 ? window : position) - newer.length)
  return { turn: turnOf(own, queue, newer.length, window), tokens: newer, behind }
}

async function firstTokens(ports: Needs, pool: string) {
  const tokens = await readFirstTokens(ports, pool, WINDOW)
  return { tokens, all: tokens.length < WINDOW }
}

const STOP = { act: 'stop' } as const

/**
 * After a token was written: gives its slot away, until it is gone or nobody waits. Whoever stands in the queue where the
 * token stands among the free ones is due, as there is one for each who stands before: many can do so at once.
 */
export async function matchToken(ports: Needs, pool: string, own: string, actor: string): Promise<void> {
  for (let lost = 0; lost < ATTEMPTS;) {
    const queue = await readQueue(ports, pool)
    if (queue.length === 0) return
    const tokens = await readFirstTokens(ports, pool, WINDOW)
    const at = tokens.findIndex(({ key }) => key === own)
    if (at < 0 && tokens.length < WINDOW) return
    const position = at < 0 ? someOf(ports, queue) : at % queue.length
    const place = queue[position]
    const served = place && (await serve(ports, pool, { place, position }, tokens, actor))
    lost = await afterAttempt(ports, served ?? 'cleared', lost)
  }
  throw contended(`giving away a slot of ${pool}`)
}

/**
 * For the sweep, and after many tokens were written: gives free slots to the head of the queue, until one of both is
 * empty; where others are at it too, to somebody else who is due. Answers how many leases were served.
 */
export async function matchPool(ports: Needs, pool: string, actor: string): Promise<number> {
  let count = 0
  for (let lost = 0; lost < ATTEMPTS;) {
    const queue = await readQueue(ports, pool, lost === 0 ? 1 : WINDOW)
    if (queue.length === 0) return count
    const { tokens } = await readTokens(ports, pool)
    if (tokens.length === 0) return count
    const position = someOf(ports, queue.slice(0, tokens.length))
    const place = queue[position]
    const served = place && (await serve(ports, pool, { place, position }, tokens, actor))
    if (served === 'served') count += 1
    lost = await afterAttempt(ports, served ?? 'cleared', lost)
  }
  throw contended(`serving the queue of ${pool}`)
}

const someOf = ({ chance }: Needs, due: readonly unknown[]): number =>
  Math.floor(chance.fraction() * due.length)

/** Races lost in a row so far, after a pause if this was one more. */
async function afterAttempt(ports: Needs, served: Served, lost: number): Promise<number> {
  if (served !== 'lost_race') return 0
  await pauseAfter(ports, lost + 1)
  return lost + 1
}
