import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../../infra/local/processes/free-port.ts'
import { POOL } from '../../../infra/local/trial/catalogue.ts'
import { openScratch } from '../../../infra/local/trial/scratch.ts'
import { mentioning } from '../../features/support/observe.ts'
import { seededFraction } from '../../support/seeded.ts'
import { judge } from '../checks/verdict.ts'
import type { Verdict } from '../checks/verdict.ts'
import type { JobReport } from '../clients/report.ts'
import { runningExecutions } from '../kills/executions.ts'
import { startRepairs } from '../repairs.ts'
import type { Pace, Repairs } from '../repairs.ts'
import { settle } from '../settle.ts'
import type { RunningStack } from '../stack.ts'
import { crowd } from './crowd.ts'
import { startProgram } from './program.ts'
import type { Death, Program, ProgramOptions } from './program.ts'

export interface RestartOptions extends Pace {
  readonly seed: number
  /** Of each time. */
  readonly leases: number
  readonly slots: number
  readonly times: number
  /** The last time goes without any help: repairs come by the stack's own schedule only. */
  readonly lastAlone: boolean
  readonly onTime?: (time: Time) => void
}

/** What happened in one of the times. */
export interface Time {
  /** Milliseconds after the leases were asked for; the second one, if any, after the new start began. */
  readonly kills: readonly { readonly death: Death; readonly after: number }[]
  /** Leases that were alive when the stack was killed first. */
  readonly living: number
  /** Milliseconds from the last start until it served, and until everything was over. */
  readonly start: number
  readonly rest: number
  readonly repairs: Repairs
  readonly verdict: Verdict
}

export interface Restarts {
  readonly times: readonly Time[]
  readonly jobs: readonly JobReport[]
  /** Executions that nobody ended, and processes that were left, when all was over. */
  readonly left: readonly string[]
}

const HOSTS = ['alpha', 'beta']
/** A crowd is not served sooner than this even on a quiet machine, milliseconds: kills fall into it. */
const MIDDLE = 3_000
/** A second kill falls into the new start, or soon after it. */
const SOON = 2_000
const REST = 240_000

/** Kills the whole stack while leases are under way, starts it again with the same data, and looks what becomes of them. */
export async function restarts(options: RestartOptions): Promise<Restarts> {
  const scratch = openScratch()
  const random = seededFraction(options.seed)
  const data = join(scratch.directory, 'data')
  const place = { data, port: await freePort(), hosts: HOSTS, slots: options.slots / HOSTS.length }
  const jobs: JobReport[] = []
  const times: Time[] = []
  let program = startProgram(place)
  try {
    for (let time = 1; time <= options.times; time += 1) {
      const alone = options.lastAlone && time === options.times
      const pace = alone ? { sweepEvery: undefined, lateAfter: undefined } : options
      const one = await oneTime(program, place, { ...options, ...pace, time, jobs, random })
      program = one.program
      times.push(one.time)
      options.onTime?.(one.time)
    }
    const running = await runningExecutions((await program.up).endpoints['sfn'] ?? '')
    await program.stop()
    const processes = mentioning(scratch.directory).map((pid) => `process ${pid} is left`)
    return { times, jobs, left: [...running.map((arn) => `execution ${arn} is left`), ...processes] }
  } finally {
    await program.kill('everything')
    scratch.remove()
  }
}

async function oneTime(
  first: Program,
  place: ProgramOptions,
  options: RestartOptions & {
    readonly time: number
    readonly jobs: JobReport[]
    readonly random: () => number
  },
): Promise<{ readonly program: Program; readonly time: Time }> {
  const { random } = options
  let program = first
  let stack: RunningStack | undefined = await first.up
  const repairing = startRepairs(() => stack, options)
  const asked = Date.now()
  const leases = crowd(stack, options)
  const kills: { readonly death: Death; readonly after: number }[] = []
  const kill = async (within: number, since: number) => {
    await delay(random() * within)
    const death = (options.time + kills.length) % 2 === 0 ? 'everything' : 'alone'
    stack = undefined
    await program.kill(death)
    kills.push({ death, after: Date.now() - since })
  }
  await kill(MIDDLE, asked)
  const living = leases.living()
  let began = Date.now()
  program = startProgram(place)
  if (random() < 0.25) {
    await kill(SOON, began)
    began = Date.now()
    program = startProgram(place)
  }
  stack = await program.up
  const start = Date.now() - began
  options.jobs.push(...(await leases.ended))
  const items = await settle(stack, REST)
  const rest = Date.now() - began
  const repairs = await repairing.end()
  const verdict = judge(items, options.jobs, { pool: POOL, slots: options.slots, reasons: ['released'] })
  return { program, time: { kills, living, start, rest, repairs, verdict } }
}
