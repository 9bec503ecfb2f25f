import { POOL, REPOSITORY, WORKING_COPIES } from '../../../infra/local/trial/catalogue.ts'
import { createClient } from '../../../lib/client/api.ts'
import { seededFraction } from '../../support/seeded.ts'
import { runJob } from '../clients/job.ts'
import { planOf } from '../clients/plan.ts'
import type { JobReport } from '../clients/report.ts'
import type { RunningStack } from '../stack.ts'

export interface Crowd {
  /** Clients whose lease is not over yet. */
  living(): number
  readonly ended: Promise<readonly JobReport[]>
}

const LONGEST = 600_000

/** Clients that all ask at once, a third of them for working copies; they outlive the stack. */
export function crowd(
  { url, token }: RunningStack,
  {
    seed,
    time,
    leases,
    random,
  }: {
    readonly seed: number
    readonly time: number
    readonly leases: number
    readonly random: () => number
  },
): Crowd {
  const client = createClient({ url, token })
  const habits = { forgetful: 0, working: 0.5, polling: 0.5, looksEvery: 1_000 }
  let living = leases
  const jobs = Array.from({ length: leases }, async (_, index) => {
    const plan = planOf(`restart-${seed}-${time}-${index}`, habits, random)
    const copy = random() < 1 / 3
    const body = copy ? { blueprint: WORKING_COPIES, repository: REPOSITORY } : { blueprint: POOL }
    const own = seededFraction(seed + 1_000 * time + index)
    try {
      return await runJob(client, body, plan, { random: own, until: Date.now() + LONGEST })
    } finally {
      living -= 1
    }
  })
  return { living: () => living, ended: Promise.all(jobs) }
}
