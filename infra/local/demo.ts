import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient } from '../../lib/client/api.ts'
import type { Client } from '../../lib/client/api.ts'
import { table } from '../../lib/client/cli/show/plain.ts'
import { exampleCatalogue, merged, REPOSITORY, WORKING_COPIES } from './trial/catalogue.ts'
import { loseJob } from './trial/doomed.ts'
import type { JobReport } from './trial/jobs.ts'
import { runJob } from './trial/jobs.ts'
import type { Narrator } from './trial/narrator.ts'
import { createNarrator } from './trial/narrator.ts'
import { phasesOf } from './trial/phases.ts'
import type { Source } from './trial/repository.ts'
import { ensureExampleRepository, openSource } from './trial/repository.ts'
import { serve } from './trial/serve.ts'
import { untilStopped } from './trial/stop.ts'

const SLOTS = 4
const JOBS = 5
const JOB_SECONDS = 1
const TTL_SECONDS = 60

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: { repository: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(
    'npm run demo [-- --repository PATH_OR_URL]   the main job, told step by step; exit code 0 only if all of it happened',
  )
  process.exit(0)
}
const narrator = createNarrator(
  () => performance.now(),
  (line) => console.log(line),
)
const source = openSource(values.repository ?? ensureExampleRepository(join(root, '.drydock', 'example.git')))
const served = await serve({
  catalogue: (hosts, declared) => merged(declared, exampleCatalogue(hosts, SLOTS / hosts.length, source)),
})
void untilStopped().then(async () => {
  await served.close()
  process.exit(130)
})
try {
  narrator.say(
    `the system is up at ${served.url}: ${served.hosts.length} hosts reached over SSH, ${SLOTS} slots`,
  )
  const client = createClient({ url: served.url, token: served.token })
  await untilFree(client)
  narrator.say(`all ${SLOTS} slots are clean and free`)
  await show(client, narrator, source)
} finally {
  await served.close()
}
narrator.say('everything is stopped')
if (narrator.broken.length > 0)
  console.log(`\nNOT shown:\n${narrator.broken.map((line) => `  - ${line}`).join('\n')}`)
process.exit(narrator.broken.length > 0 ? 1 : 0)

async function show(client: Client, narrator: Narrator, { commits }: Source): Promise<void> {
  const settings = { url: served.url, token: served.token, blueprint: WORKING_COPIES, repository: REPOSITORY }
  const commit = (job: number) => commits[job % commits.length] ?? ''
  narrator.say(`${JOBS} CI jobs ask for working copies at once; there are ${SLOTS} slots`)
  const reports = await Promise.all(
    Array.from({ length: JOBS }, async (_, job) => {
      const name = `job ${job + 1}`
      return runJob(client, narrator, {
        ...settings,
        name,
        commit: commit(job),
        seconds: JOB_SECONDS,
        exitCode: job,
      })
    }),
  )
  judgeJobs(narrator, reports)

  narrator.say(
    'a sixth job leases, starts a command of an hour, and is killed before it can give anything back',
  )
  const lost = await loseJob({ ...settings, commit: commit(0) })
  narrator.say(
    `lease ${lost} has no holder now; it comes back when its ${TTL_SECONDS} s are over (the shortest there are)`,
  )
  narrator.say('nothing else happens until then')
  const ended = await untilDestroyed(client, lost)
  const late = Date.parse(ended.endedAt ?? '') - Date.parse(ended.expiresAt ?? '')
  narrator.expect(
    `the lost lease ended by itself: ${ended.reason}`,
    ended.status === 'destroyed' && ended.reason === 'expired',
  )

  await Promise.all(reports.map(async ({ lease }) => untilDestroyed(client, lease.id)))
  const [pool] = (await client.listPools()).pools
  narrator.expect(
    `all ${SLOTS} slots are free again, nobody waits`,
    pool?.slots.free === SLOTS && pool.waiting === 0,
  )
  console.log(
    `\n${await timeline(client, [...reports.map(({ name, lease }) => ({ name, id: lease.id })), { name: 'lost', id: lost }])}\n`,
  )
  if (Number.isFinite(late)) narrator.say(`expiry was acted on ${late} ms after its instant`)
}

function judgeJobs(narrator: Narrator, reports: readonly JobReport[]): void {
  narrator.expect(
    'each job saw exactly the commit that it asked for',
    reports.every(({ lease, commit }) => lease.receipt?.commit === commit),
  )
  narrator.expect(
    'each job saw its own files, and its output streamed',
    reports.every(
      ({ output, commit }) => output.includes(commit.slice(0, 4)) && output.includes('ends with'),
    ),
  )
  narrator.expect(
    'exit codes passed through',
    reports.every(({ exitCode }, job) => exitCode === job),
  )
  const waiting = reports.filter(({ waited }) => waited.length > 0)
  narrator.expect('one job waited, and was told its position and the reason', waiting.length === JOBS - SLOTS)
  const places = reports.map(({ lease }) => `${lease.slot?.host}/${lease.slot?.number}`)
  const handedOn = waiting.some(({ lease }) =>
    reports.some(
      ({ lease: other }) =>
        other.id !== lease.id && sameSlot(other.slot, lease.slot) && (other.epoch ?? 0) < (lease.epoch ?? 0),
    ),
  )
  narrator.expect(
    `a slot went from one job to the next (${places.join(', ')})`,
    handedOn && new Set(places).size === SLOTS,
  )
}

type Slot = JobReport['lease']['slot']

function sameSlot(one: Slot, other: Slot): boolean {
  return one !== undefined && other !== undefined && one.host === other.host && one.number === other.number
}

/** New slots are cleaned once before anybody gets them. */
async function untilFree(client: Client): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    const [pool] = (await client.listPools()).pools
    if (pool?.slots.free === SLOTS) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the slots were not cleaned within 30 s')
}

async function untilDestroyed(client: Client, id: string) {
  let expiresAt: string | undefined
  for (let deadline = Date.now() + 120_000; ;) {
    const lease = await client.getLease({ id, wait: 20 })
    expiresAt = lease.expiresAt ?? expiresAt
    if (lease.status === 'destroyed' || Date.now() > deadline) return { ...lease, expiresAt }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function timeline(
  client: Client,
  leases: readonly { readonly name: string; readonly id: string }[],
): Promise<string> {
  const rows = await Promise.all(
    leases.map(async ({ name, id }) => {
      const phases = phasesOf(await client.leaseEvents({ id }))
      return [name, phases.wait, phases.activate, phases.hold, phases.clean].map((cell) =>
        String(cell ?? '-'),
      )
    }),
  )
  return table(['', 'wait ms', 'activate ms', 'hold ms', 'clean ms'], rows)
}
