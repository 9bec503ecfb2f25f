import { between, release, take, timelineOf } from '../leases.ts'
import type { Taken } from '../leases.ts'
import { row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { COPIES, LARGE, openWorld, POOL } from '../world.ts'
import type { World } from '../world.ts'
import { runTrue } from './command.ts'
import { warmEverySlot } from './working-copy.ts'

export const overSsm: Scenario = {
  title: 'The same over Systems Manager',
  how: 'A host lease, a warm working copy of 2,000 files and the command `true` on hosts that are reached by Run Command of the local stack, which hands a command over after 20 ms and knows of its end after another 20 ms. What is left is our own polling: the first look comes after 200 ms. AWS promises no delay of its own; add what your account shows, once for each call of a host.',
  run: async ({ runs }) => {
    const world = await openWorld({ transport: 'ssm' })
    try {
      return [
        ...(await leases(world, runs)),
        ...(await copies(world, runs)),
        ...(await commands(world, runs)),
      ]
    } finally {
      await world.close()
    }
  },
}

async function leases({ client }: World, runs: number) {
  const seen: number[] = []
  const activated: number[] = []
  const cleaned: number[] = []
  for (let run = 0; run < runs; run++) {
    const taken = await take(client, { blueprint: POOL })
    await release(client, taken)
    const timeline = await timelineOf(client, taken)
    await settle(client)
    seen.push(taken.activeAt - taken.askedAt)
    activated.push(between(timeline, 'acquired', 'activated'))
    cleaned.push(between(timeline, 'released', 'destroyed'))
  }
  return [
    row('host lease: request -> active, seen by the client', seen),
    row('host lease: acquired -> activated (one call)', activated),
    row('host lease: released -> destroyed (one call)', cleaned),
  ]
}

async function copies(world: World, runs: number) {
  const { client, commits } = world
  const ask = (commit: string): Promise<Taken> =>
    take(client, { blueprint: COPIES, repository: LARGE, commit })
  await warmEverySlot(world, ask, () => commits[0] ?? 'main')
  const seen: number[] = []
  const onHost: number[] = []
  for (let run = 0; run < runs; run++) {
    const taken = await ask(commits[(run * 7) % commits.length] ?? 'main')
    await release(client, taken)
    await settle(client)
    seen.push(taken.activeAt - taken.askedAt)
    onHost.push(taken.lease.receipt?.milliseconds ?? Number.NaN)
  }
  return [
    row('working copy, warm: request -> active, seen by the client', seen),
    row('working copy, warm: procedure J alone, on the host', onHost),
  ]
}

async function commands({ client }: World, runs: number) {
  const taken = await take(client, { blueprint: POOL })
  const seen: number[] = []
  for (let run = 0; run < runs; run++) seen.push((await runTrue(client, taken)).seen)
  await release(client, taken)
  await settle(client)
  return [row('`true`: POST -> end, seen by the client', seen)]
}
