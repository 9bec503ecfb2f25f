import { setTimeout as delay } from 'node:timers/promises'
import { instantOf, release, take, timelineOf } from '../leases.ts'
import { row } from '../measure.ts'
import { seededFraction } from '../../support/seeded.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { LARGE, SINGLE, SINGLE_COPIES } from '../world.ts'
import type { World } from '../world.ts'
import type { LeaseRequest } from '../../../lib/contract/lease.ts'

const WARM_UP = 3

export const handOver: Scenario = {
  title: 'A slot goes from its holder to the next waiter',
  how: 'One slot: A holds it, B waits and long-polls, A releases after a random pause of 0.2 to 1.7 s. By the timelines: released(A) -> activated(B). By the client: A sends DELETE -> B reads that it is active.',
  run: async ({ runs, world }) => {
    const opened = await world()
    const random = seededFraction(11)
    const commit = () => opened.commits[Math.floor(random() * opened.commits.length)] ?? 'main'
    return [
      ...(await handOvers(opened, 'host', runs, random, () => ({ blueprint: SINGLE }))),
      ...(await handOvers(opened, 'working copy', runs, random, () => ({
        blueprint: SINGLE_COPIES,
        repository: LARGE,
        commit: commit(),
      }))),
    ]
  },
}

async function handOvers(
  { client }: World,
  kind: string,
  runs: number,
  random: () => number,
  request: () => LeaseRequest,
): Promise<readonly Row[]> {
  const inTimelines: number[] = []
  const cleaned: number[] = []
  const seen: number[] = []
  for (let run = -WARM_UP; run < runs; run++) {
    const first = await take(client, request())
    const waiting = take(client, request())
    await delay(200 + 1_500 * random())
    const releasedAt = performance.now()
    await release(client, first)
    const second = await waiting
    await release(client, second)
    const [before, after] = await Promise.all([timelineOf(client, first), timelineOf(client, second)])
    await settle(client)
    if (instantOf(after, 'acquired') < instantOf(before, 'released')) throw new Error('B did not wait for A')
    if (run < 0) continue
    inTimelines.push(instantOf(after, 'activated') - instantOf(before, 'released'))
    cleaned.push(instantOf(after, 'acquired') - instantOf(before, 'released'))
    seen.push(second.activeAt - releasedAt)
  }
  return [
    row(`${kind}: released -> next active, by the timelines`, inTimelines, '<= 200, wish <= 100'),
    row(`${kind}: of it, until the slot is the next one's`, cleaned),
    row(`${kind}: release sent -> next active, seen by its client`, seen),
  ]
}
