import { setTimeout as delay } from 'node:timers/promises'
import type { Item } from '../../../lib/app/ports/table.ts'
import { createClient } from '../../../lib/client/api.ts'
import { wholeTable } from '../../features/support/table.ts'
import { copiesOn, EXAMPLE, type Fleet, openFleet } from '../../support/fleet/fleet.ts'
import { seededFraction } from '../../support/seeded.ts'
import { judge, type Verdict } from '../checks/verdict.ts'
import { isAtRest } from '../checks/rest.ts'
import { runJob } from '../clients/job.ts'
import { planOf } from '../clients/plan.ts'
import type { JobReport } from '../clients/report.ts'
import { gateSettings, type Phase, placeGate, type Strike, strike } from './trap.ts'

export interface Round {
  readonly strikes: readonly Strike[]
  /** Seconds from the last server's return until every slot was free and every lease was over. */
  readonly rest: number
}

export interface Servers {
  readonly rounds: readonly Round[]
  readonly verdict: Verdict
  readonly processesLeft: number
}

export interface ServersOptions {
  readonly seed: number
  readonly times: number
  readonly phases: readonly Phase[]
  /** Of each round. */
  readonly leases: number
  readonly isolation: string
  readonly onRound?: (round: Round) => void
}

const POOL = 'linux'
const SLOTS = 2
/** About as long as a verb takes on a quiet machine, milliseconds. */
const DURATIONS: Readonly<Record<Phase, number>> = { open: 10, checkout: 80, perform: 8, close: 30 }
/** Twice the pause between two sweeps, and a moment. Milliseconds. */
const TWO_SWEEPS = 125_000

/** Kills the servers of hosts in the middle of a verb, one host for each phase, while leases come and go. */
export async function killServers(options: ServersOptions): Promise<Servers> {
  const { isolation, phases, times, seed } = options
  const random = seededFraction(seed)
  const hosts = phases.map((phase) => ({
    name: `${phase}-host`,
    pool: POOL,
    slots: SLOTS,
    isolation,
    settings: gateSettings(),
  }))
  const fleet = await openFleet({ hosts, prepare: placeGate })
  const rounds: Round[] = []
  const jobs: JobReport[] = []
  let items: readonly Item[] = []
  let left: readonly number[] = []
  try {
    for (let time = 1; time <= times; time += 1) {
      const struck = phases.map(async (phase) =>
        strike(fleet.host(`${phase}-host`), phase, {
          after: random() * DURATIONS[phase],
          down: 300 + random() * 2_500,
          verbsToo: random() < 0.5,
        }),
      )
      const leases = crowd(fleet, { ...options, time, random })
      const strikes = await Promise.all(struck)
      const back = Date.now()
      jobs.push(...(await leases))
      items = await untilRest(fleet, back + TWO_SWEEPS)
      const round = { strikes, rest: (Date.now() - back) / 1_000 }
      rounds.push(round)
      options.onRound?.(round)
    }
  } finally {
    left = await fleet.close()
  }
  const verdict = judge(items, jobs, { pool: POOL, slots: SLOTS * phases.length, reasons: ['released'] })
  return { rounds, verdict, processesLeft: left.length }
}

/** Clients that insist, each with a working copy and a command. */
async function crowd(
  { served, repository }: Fleet,
  options: Pick<ServersOptions, 'seed' | 'leases'> & { readonly time: number; readonly random: () => number },
): Promise<readonly JobReport[]> {
  const client = createClient({ url: served.url, token: served.token })
  const habits = { forgetful: 0, working: 1, polling: 0.5, looksEvery: 1_000 }
  const until = Date.now() + TWO_SWEEPS
  const { seed, time, leases, random } = options
  return Promise.all(
    Array.from({ length: leases }, async (_, index) => {
      const plan = planOf(`servers-${seed}-${time}-${index}`, habits, random)
      const commit = repository.commits[index % repository.commits.length] ?? ''
      const body = { blueprint: copiesOn(POOL), repository: EXAMPLE, commit }
      const own = seededFraction(seed + 1_000 * time + index)
      return runJob(client, body, plan, { random: own, until })
    }),
  )
}

/** The table once nobody has anything to do any more, or as it is when the time is over. */
async function untilRest({ served }: Fleet, until: number): Promise<readonly Item[]> {
  for (;;) {
    const items = [...(await wholeTable(served)).values()] as readonly Item[]
    if (isAtRest(items) || Date.now() > until) return items
    await delay(500)
  }
}
