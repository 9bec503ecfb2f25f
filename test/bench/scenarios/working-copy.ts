import { instantOf, release, take, timelineOf } from '../leases.ts'
import type { Taken } from '../leases.ts'
import { row } from '../measure.ts'
import { seededFraction } from '../../support/seeded.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { COPIES, LARGE } from '../world.ts'
import type { World } from '../world.ts'

const SLOTS = 4
const COLD_RUNS = 5

export const workingCopy: Scenario = {
  title: 'A working copy of 2,000 files',
  how: 'One lease at a time, each of another random commit of 30; every slot had the repository before. Procedure J says itself how long it took on the host. Cold: a repository name that the host has no mirror of, so that its objects are fetched first.',
  run: async ({ runs, world }) => {
    const opened = await world()
    const { client, commits } = opened
    const random = seededFraction(7)
    const another = () => commits[Math.floor(random() * commits.length)] ?? 'main'
    const ask = (commit: string, repository = LARGE) =>
      take(client, { blueprint: COPIES, repository, commit })

    await warmEverySlot(opened, ask, another)
    const seen: number[] = []
    const onServer: number[] = []
    const onHost: number[] = []
    for (let run = 0; run < runs; run++) {
      const taken = await ask(another())
      await release(client, taken)
      const timeline = await timelineOf(client, taken)
      await settle(client)
      seen.push(taken.activeAt - taken.askedAt)
      onServer.push(instantOf(timeline, 'activated') - instantOf(timeline, 'created'))
      onHost.push(taken.lease.receipt?.milliseconds ?? Number.NaN)
    }
    const cold: number[] = []
    const coldOnHost: number[] = []
    for (let run = 0; run < COLD_RUNS; run++) {
      await opened.addRepository(`large-${run}`)
      const taken = await ask(another(), `large-${run}`)
      if (taken.lease.receipt?.fetched !== true) throw new Error('nothing was fetched: this was not cold')
      cold.push(taken.activeAt - taken.askedAt)
      coldOnHost.push(taken.lease.receipt.milliseconds)
      await release(client, taken)
      await settle(client)
    }
    return [
      row('warm: request -> active, seen by the client', seen, '<= 300'),
      row('warm: created -> activated, by the timeline', onServer),
      row('warm: procedure J alone, on the host', onHost),
      row('cold: request -> active, seen by the client', cold),
      row('cold: fetch and procedure J alone, on the host', coldOnHost),
    ]
  },
}

/** As many leases at once as there are slots, so that each slot has had the repository. */
export async function warmEverySlot(
  { client }: World,
  ask: (commit: string) => Promise<Taken>,
  commit: () => string,
): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const taken = await Promise.all(Array.from({ length: SLOTS }, () => ask(commit())))
    await Promise.all(taken.map((each) => release(client, each)))
    await settle(client)
  }
}
