import type { Client } from '../../../lib/client/api.ts'
import { hold } from '../../../lib/client/hold.ts'
import type { Lease } from '../../../lib/contract/lease.ts'
import type { Narrator } from './narrator.ts'

export interface JobReport {
  readonly name: string
  readonly commit: string
  readonly lease: Lease
  readonly output: string
  readonly exitCode: number | null
  /** What it was told while it waited. */
  readonly waited: readonly string[]
}

/** What each job runs: says which commit it sees, works for a while with output on the way, and has a code of its own. */
const work = (seconds: number, exitCode: number): readonly string[] => [
  'sh',
  '-c',
  `git log -1 --format="sees %h %s"; sleep ${seconds}; echo "has $(ls | wc -l | tr -d ' ') entries and ends with ${exitCode}"; exit ${exitCode}`,
]

/** One CI job: leases a working copy of the commit, runs its work in it while output streams, and gives it back. */
export async function runJob(
  client: Client,
  narrator: Narrator,
  job: {
    readonly name: string
    readonly blueprint: string
    readonly repository: string
    readonly commit: string
    readonly seconds: number
    readonly exitCode: number
  },
): Promise<JobReport> {
  const waited: string[] = []
  const request = { blueprint: job.blueprint, repository: job.repository, commit: job.commit, note: job.name }
  return hold(
    client,
    request,
    async (held) => {
      const slot = `${held.lease.slot?.host}/${held.lease.slot?.number}`
      narrator.say(`${job.name}: has ${job.commit.slice(0, 8)} on slot ${slot}, epoch ${held.lease.epoch}`)
      const command = await held.run(work(job.seconds, job.exitCode))
      let output = ''
      for await (const { bytes } of command) {
        const text = Buffer.from(bytes).toString()
        output += text
        for (const line of text.split('\n').filter(Boolean)) narrator.say(`${job.name}: | ${line}`)
      }
      const { exitCode } = await command.ended()
      narrator.say(`${job.name}: exit code ${exitCode}; gives the slot back`)
      return {
        name: job.name,
        commit: job.commit,
        lease: held.lease,
        output,
        exitCode: exitCode ?? null,
        waited,
      }
    },
    {
      onCreated: (lease) =>
        narrator.say(`${job.name}: asked for ${job.commit.slice(0, 8)}, lease ${lease.id}`),
      onWaiting: ({ waiting }) => {
        if (!waiting) return
        const told = `waits at position ${waiting.position}: ${waiting.because}`
        if (waited.at(-1) !== told) narrator.say(`${job.name}: ${told}`)
        waited.push(told)
      },
    },
  )
}
