import { between, release, take, timelineOf } from '../leases.ts'
import { row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { POOL } from '../world.ts'

const WARM_UP = 8

export const hostLease: Scenario = {
  title: 'A host lease, warm',
  how: 'One lease at a time on four free slots. The client sends POST /v1/leases and long-polls; the phases are those of the timeline.',
  run: async ({ runs, world }) => {
    const { client } = await world()
    const seen: number[] = []
    const phases = { created: [] as number[], activated: [] as number[], cleaned: [] as number[] }
    for (let run = -WARM_UP; run < runs; run++) {
      const taken = await take(client, { blueprint: POOL })
      await release(client, taken)
      const timeline = await timelineOf(client, taken)
      await settle(client)
      if (run < 0) continue
      seen.push(taken.activeAt - taken.askedAt)
      phases.created.push(between(timeline, 'created', 'acquired'))
      phases.activated.push(between(timeline, 'acquired', 'activated'))
      phases.cleaned.push(between(timeline, 'released', 'destroyed'))
    }
    return [
      row('request -> active, seen by the client', seen, '<= 100, wish <= 60'),
      row('created -> acquired', phases.created),
      row('acquired -> activated', phases.activated),
      row('released -> destroyed', phases.cleaned),
    ]
  },
}
