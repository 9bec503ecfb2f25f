import { POOL } from '../../../infra/local/trial/catalogue.ts'
import { createClient } from '../../../lib/client/api.ts'
import { seededFraction } from '../../support/seeded.ts'
import { judge } from '../checks/verdict.ts'
import type { Verdict } from '../checks/verdict.ts'
import { runJob } from '../clients/job.ts'
import { planOf } from '../clients/plan.ts'
import type { JobReport } from '../clients/report.ts'
import type { Killer } from '../kills/killer.ts'
import { executionsOf } from '../kills/executions.ts'
import type { Executions } from '../kills/executions.ts'
import { startRepairs } from '../repairs.ts'
import type { Pace, Repairs } from '../repairs.ts'
import { settle } from '../settle.ts'
import type { RunningStack } from '../stack.ts'

export interface RaceOptions extends Pace {
  readonly seed: number
  readonly leases: number
  readonly slots: number
  /** Share of clients that never give back. Their leases live for a minute. */
  readonly forgetful: number
}

export interface Race extends Verdict {
  readonly seconds: { readonly clients: number; readonly all: number }
  readonly jobs: readonly JobReport[]
  readonly killed: Readonly<Record<string, number>>
  readonly executions: Executions
  readonly repairs: Repairs
}

const TENANTS = ['red', 'green', 'blue']
/** The shortest life that there is, in seconds. */
const SHORT = 60
/** Milliseconds between two looks of a client where there are up to fifty; more look less often. */
const LOOK = 1_000
/** Milliseconds after which clients, and then leases, are given up as stuck. */
const CLIENTS = 900_000
const REST = 180_000

/** Clients that all ask at once, retry at random, use and give back or forget, while processes of functions die. */
export async function race(
  stack: RunningStack & { mint(of: { tenant: string; scopes: readonly string[] }): Promise<string> },
  killer: Killer,
  options: RaceOptions,
): Promise<Race> {
  const began = Date.now()
  const random = seededFraction(options.seed)
  const clients = await Promise.all(
    TENANTS.map(async (tenant) =>
      createClient({ url: stack.url, token: await stack.mint({ tenant, scopes: ['lease'] }) }),
    ),
  )
  const looksEvery = LOOK * Math.max(1, options.leases / 50)
  const habits = { forgetful: options.forgetful, working: 0, polling: 0.05, looksEvery }
  const plans = Array.from({ length: options.leases }, (_, index) =>
    planOf(`race-${options.seed}-${index}`, habits, random),
  )
  const repairing = startRepairs(() => stack, options)
  killer.begin(stack.endpoints['dynamodb'] ?? '')
  const jobs = await Promise.all(
    plans.map(async (plan, index) => {
      const client = clients[index % clients.length] ?? clients[0]
      if (!client) throw new Error('a race needs a tenant')
      const body = { blueprint: POOL, ...(plan.forgets ? { ttlSeconds: SHORT } : {}) }
      const own = seededFraction(options.seed + index)
      return runJob(client, body, plan, { random: own, until: began + CLIENTS })
    }),
  )
  const asked = Date.now()
  const killed = await killer.end()
  const items = await settle(stack, REST)
  const rested = Date.now()
  const repairs = await repairing.end()
  const verdict = judge(items, jobs, {
    pool: POOL,
    slots: options.slots,
    reasons: options.forgetful > 0 ? ['released', 'expired'] : ['released'],
  })
  const executions = await executionsOf(stack.endpoints['sfn'] ?? '')
  const seconds = { clients: (asked - began) / 1_000, all: (rested - began) / 1_000 }
  return { ...verdict, seconds, jobs, killed, executions, repairs }
}
