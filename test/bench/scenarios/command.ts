import type { Client } from '../../../lib/client/api.ts'
import { streamOutput } from '../../../lib/client/follow.ts'
import { release, take } from '../leases.ts'
import type { Taken } from '../leases.ts'
import { row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { POOL } from '../world.ts'

const WARM_UP = 5

export const command: Scenario = {
  title: 'The command `true` through an active lease',
  how: 'One command after the other: POST .../commands, then long polls of its output until the client has read the exit code.',
  run: async ({ runs, world }) => {
    const { client } = await world()
    const taken = await take(client, { blueprint: POOL })
    const accepted: number[] = []
    const seen: number[] = []
    const onHost: number[] = []
    for (let run = -WARM_UP; run < runs; run++) {
      const each = await runTrue(client, taken)
      if (run < 0) continue
      accepted.push(each.accepted)
      seen.push(each.seen)
      onHost.push(each.onHost)
    }
    await release(client, taken)
    await settle(client)
    return [
      row('POST -> end, seen by the client', seen, 'wish <= 15'),
      row('POST -> accepted', accepted),
      row('on the host, from start to end', onHost),
    ]
  },
}

/** Milliseconds: until the request was answered, until the client has read the exit code, and what the host says. */
export async function runTrue(client: Client, { lease, token }: Pick<Taken, 'lease' | 'token'>) {
  const began = performance.now()
  const { number } = await client.runCommand({ id: lease.id, body: { argv: ['true'] } }, { token })
  const answered = performance.now()
  const output = streamOutput(client, lease.id, number, { token })
  let step = await output.next()
  while (!step.done) step = await output.next()
  const ended = performance.now()
  if (step.value.exitCode !== 0) throw new Error(`true ended with ${JSON.stringify(step.value)}`)
  const { startedAt = '', endedAt = '' } = await client.getCommand({ id: lease.id, number }, { token })
  return {
    accepted: answered - began,
    seen: ended - began,
    onHost: Date.parse(endedAt) - Date.parse(startedAt),
  }
}
