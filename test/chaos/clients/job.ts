import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../../lib/client/api.ts'
import { ProblemError } from '../../../lib/client/errors.ts'
import type { CreatedLease, Lease, LeaseRequest } from '../../../lib/contract/lease.ts'
import { insist } from './insist.ts'
import type { Patience } from './insist.ts'
import type { Moment, Plan } from './plan.ts'
import type { JobReport } from './report.ts'

const LONG_POLL_SECONDS = 20

/** One client's life with one lease: as stubborn as CI is, and as forgetful. */
export async function runJob(
  client: Client,
  body: LeaseRequest,
  plan: Plan,
  given: { readonly random: () => number; readonly until: number },
): Promise<JobReport> {
  const answers: CreatedLease[] = []
  let standsFrom = Number.POSITIVE_INFINITY
  let sent = 0
  const failed: Record<string, number> = {}
  const patience: Patience = { ...given, onFailed: (how) => (failed[how] = (failed[how] ?? 0) + 1) }

  const post = async (signal?: AbortSignal) => {
    sent += 1
    const answer = await client.createLease({ body }, { idempotencyKey: plan.key, retries: 0, signal })
    standsFrom = Math.min(standsFrom, Date.now())
    answers.push(answer)
    return answer
  }
  const ask = async () => insist(async () => post(), patience)
  const repeat = async (moment: Moment) => (plan.repeats.includes(moment) ? ask() : undefined)
  const report = (end: JobReport['end'], trouble?: string): JobReport => ({
    key: plan.key,
    leases: [...new Set(answers.map(({ id }) => id))],
    tokens: new Set(answers.map(({ token }) => token)).size,
    standsFrom,
    repeated: sent - 1,
    replayed: answers.length - 1,
    failed,
    end,
    ...(trouble === undefined ? {} : { trouble }),
  })

  try {
    if (plan.hangsUpAfter !== undefined) await hangUp(post, plan.hangsUpAfter)
    const [{ id, token }] = await Promise.all([ask(), ...Array.from({ length: plan.atOnce - 1 }, ask)])
    await repeat('waiting')
    const lease = await untilUsable(client, { id, token }, plan, patience)
    if (plan.forgets && lease.reason === 'expired') return report('forgotten')
    if (lease.status !== 'active') return report('lost', `${id} was ${lease.status}: ${lease.reason}`)
    await repeat('active')
    if (plan.works) await work(client, { id, token }, patience)
    await delay(plan.holdsFor)
    if (plan.forgets) return report('forgotten')
    await insist(async () => client.releaseLease({ id, body: {} }, { token, retries: 0 }), patience)
    await repeat('released')
    return report('released')
  } catch (error) {
    return report('lost', String(error))
  }
}

/** Sends a POST and does not wait for its answer: whatever it did, nobody was told. */
async function hangUp(post: (signal: AbortSignal) => Promise<unknown>, after: number): Promise<void> {
  await post(AbortSignal.timeout(after)).catch(() => undefined)
}

/** The lease once it waits no more. */
async function untilUsable(
  client: Client,
  { id, token }: { readonly id: string; readonly token: string },
  { looksEvery }: Plan,
  patience: Patience,
): Promise<Lease> {
  const wait = looksEvery === undefined ? { wait: LONG_POLL_SECONDS } : {}
  for (;;) {
    const lease = await insist(async () => client.getLease({ id, ...wait }, { token, retries: 0 }), patience)
    if (lease.status !== 'pending' && lease.status !== 'acquired') return lease
    if (Date.now() > patience.until) throw new Error(`${id} is still ${lease.status}`)
    await delay(looksEvery ?? 50)
  }
}

/** Starts a command and does not wait for it; a lease that is over meanwhile runs nothing. */
async function work(
  client: Client,
  { id, token }: { readonly id: string; readonly token: string },
  patience: Patience,
): Promise<void> {
  const body = { argv: ['sh', '-c', 'echo begun; sleep 1; echo done'] }
  const key = { idempotencyKey: `${id}-work` }
  try {
    await insist(async () => client.runCommand({ id, body }, { token, retries: 0, ...key }), patience)
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'lease_lost') throw error
  }
}
