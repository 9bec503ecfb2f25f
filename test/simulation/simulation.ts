import { createMemoryTable } from '../../lib/adapters/memory/table.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import type { Item, Table } from '../../lib/app/ports/table.ts'
import type { FunctionName } from '../../lib/contract/environment.ts'
import { createFaults } from './faults/faults.ts'
import type { Profile } from './faults/profiles.ts'
import { PROFILES } from './faults/profiles.ts'
import type { CheckoutFate } from './hosts/checkouts.ts'
import { createHoldings } from './hosts/holdings.ts'
import { judgeOccupancy } from './hosts/occupancy.ts'
import { createSimulatedHosts } from './hosts/hosts.ts'
import type { SimulatedHosts } from './hosts/hosts.ts'
import type { Functions, Ran } from './invocations/functions.ts'
import { createFunctions } from './invocations/functions.ts'
import { handlers } from './invocations/handlers.ts'
import { portsOf } from './invocations/ports.ts'
import type { Outside, Pace } from './invocations/process.ts'
import { createProcess } from './invocations/process.ts'
import type { Watched } from './invocations/table.ts'
import { faultyTable, Injected } from './invocations/table.ts'
import type { Kernel } from './kernel/kernel.ts'
import { createKernel } from './kernel/kernel.ts'
import type { Log } from './kernel/log.ts'
import { createLog } from './kernel/log.ts'
import { randomStream } from './kernel/random.ts'
import { createSchedule } from './schedule.ts'
import type { Schedule } from './schedule.ts'
import type { StepFunctions } from './stepfunctions/service.ts'
import { createStepFunctions } from './stepfunctions/service.ts'
import type { CommitEvent, ReadEvent, Watch } from './watch.ts'

export const START = 1_800_000_000_000

export interface SimulationOptions {
  readonly seed: number
  /** Default: nothing ever goes wrong. */
  readonly profile?: Profile
  /** How long calls take when nothing is wrong. */
  readonly pace?: Pace
  /** Milliseconds after the start at which faults end; default: never. */
  readonly faultsUntil?: number
  /** Default: one in memory. Only the one in memory is watched. */
  readonly table?: Table
  readonly watch?: Pick<Watch, 'committed' | 'read'>
  readonly log?: 'lines' | 'digest' | 'nothing'
  /** What becomes of the checkout of a commit; default: half a second. */
  readonly fateOf?: (commit: string) => CheckoutFate
  /** Told of every commit and every read, after the watch. */
  readonly committed?: (event: CommitEvent) => void
  readonly read?: (event: ReadEvent) => void
}

/** The control plane whole, in virtual time: functions, machines, schedule, hosts and one table. */
export interface Simulation {
  readonly kernel: Kernel
  readonly outside: Outside
  readonly table: Table
  readonly hosts: SimulatedHosts
  readonly functions: Functions
  readonly service: StepFunctions
  readonly schedule: Schedule
  readonly log: Log
  /** One request of the API: it runs in a process of its own, with its own clock, and may die. */
  readonly request: <T>(work: (ports: Ports) => Promise<T>) => Promise<Ran<T>>
  /** Every item; empty where another table than the one in memory is used. */
  readonly items: () => readonly Item[]
  /** Says that a rule was broken. */
  readonly report: (sentence: string) => void
  /** Rules that were broken and that no watch had to look for. */
  readonly broken: () => readonly string[]
  /** What use cases told operators, counted by message. */
  readonly warnings: () => Readonly<Record<string, number>>
}

export function openSimulation(options: SimulationOptions): Simulation {
  const { seed, profile = PROFILES.calm, watch } = options
  const kernel = createKernel(seed, START)
  const log = createLog(options.log ?? 'nothing', () => kernel.now() - START)
  const faultsUntil = START + (options.faultsUntil ?? Infinity)
  const faults = createFaults({ seed, profile, active: () => kernel.now() < faultsUntil })
  const outside: Outside = {
    kernel,
    faults,
    log,
    random: randomStream(seed, 'outside'),
    ...(options.pace ? { pace: options.pace } : {}),
  }
  const broken: string[] = []
  const warnings: Record<string, number> = {}
  const report = (sentence: string) => {
    log.add('RULE', sentence)
    broken.push(sentence)
  }

  const holdings = createHoldings()
  let actor: Pick<CommitEvent, 'process' | 'name'> = { process: 'nobody', name: 'write' }
  let sequence = 0
  const memory = createMemoryTable({
    committed: ({ writes, before, after }) => {
      const when = { at: kernel.now(), sequence: (sequence += 1) }
      const event: CommitEvent = { ...when, ...actor, writes, before, after }
      for (const [index, item] of after.entries()) {
        holdings.committed(before[index], item)
        judgeOccupancy(hosts, before[index], item, report)
      }
      watch?.committed(event)
      options.committed?.(event)
    },
  })
  const table = options.table ?? memory
  const watched: Watched = {
    acting: (process, name) => {
      actor = { process, name }
    },
    read: (process, what) => {
      const event: ReadEvent = { at: kernel.now(), sequence: (sequence += 1), process, ...what }
      watch?.read(event)
      options.read?.(event)
    },
  }

  const hosts = createSimulatedHosts({
    outside,
    holdings,
    fateOf: options.fateOf ?? (() => ({ kind: 'done', milliseconds: 500 })),
    broken: report,
  })

  const functions: Functions = createFunctions({
    outside,
    handlers,
    compose: (process) =>
      portsOf(
        {
          outside,
          table,
          watched,
          hosts,
          service: () => service,
          told: (message) => {
            warnings[message] = (warnings[message] ?? 0) + 1
          },
        },
        process,
      ),
    failed: (process, error) => {
      log.add(process, `FAILS: ${String(error)}`)
      if (!isInjected(error)) report(`${process} failed by itself: ${String(error)}`)
    },
  })
  const service: StepFunctions = createStepFunctions({
    outside,
    functions: () => functions,
    tableFor: (execution) =>
      faultyTable(
        outside,
        watched,
        createProcess(outside, `states:${execution.name.slice(-8)}`, false),
        table,
      ),
    endedBadly: (execution) => schedule.statusChanged(execution),
    fault: report,
  })
  const schedule: Schedule = createSchedule(outside, functions, (found) => {
    // Every disagreement in the table is a fault of ours: no crash may ever leave one. What a fault kept from being
    // looked at is none.
    for (const [what, count] of Object.entries(found))
      if (count > 0 && what !== 'failed') report(`the audit mended ${count} ${what}`)
  })

  return {
    kernel,
    outside,
    table,
    hosts,
    functions,
    service,
    schedule,
    log,
    request: (work) => functions.run('api' satisfies FunctionName, work),
    items: () => memory.items(),
    report,
    broken: () => broken,
    warnings: () => warnings,
  }
}

/** What the simulation threw itself, or what was made of that. */
function isInjected(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Injected) return true
  }
  return false
}
