import { parseJson } from '../json.ts'
import { openJournal } from '../journal/journal.ts'
import type { JournalReader } from '../journal/reader.ts'
import type { Execution } from './execution.ts'
import { beginExecution } from './flow.ts'
import { loadMachines, type MachineSource } from './machines.ts'
import { onHeartbeat, onStop, onToken } from './stimulus.ts'
import { restore } from './stored.ts'
import type { Returned } from './task.ts'
import { turnsOn, type TurnOptions } from './turns.ts'

export interface EngineOptions extends TurnOptions {
  readonly stateMachines: readonly MachineSource[]
  /** Path of the journal's file; absent: nothing outlives the process. */
  readonly journal?: string | undefined
}

/** What it answers, the journal has. Instants are epoch milliseconds. */
export interface Engine {
  readonly machines: ReadonlyMap<string, MachineSource>
  readonly journal: JournalReader
  readonly startedAt: number
  /** Same name and same input while open: the same execution. @returns undefined when the name is taken */
  start(machine: MachineSource, name: string, input: string): Promise<Started | undefined>
  /** Without effect on an execution that has ended. */
  stop(arn: string, error: string | undefined, cause: string | undefined): Promise<void>
  /** @returns false when the token's task has ended */
  settleToken(token: string, returned: Returned): Promise<boolean>
  heartbeat(token: string): Promise<boolean>
  close(): Promise<void>
}

export interface Started {
  readonly arn: string
  readonly startedAt: number
}

const keptFor = 90 * 24 * 3_600_000

/** Open executions of the journal go on at once. @throws when a definition or the journal cannot be read */
export function startEngine(options: EngineOptions): Engine {
  const { clock } = options
  const integrations = new Set(Object.keys(options.sdkIntegrations))
  const machines = loadMachines(options.stateMachines, integrations, clock.now)
  const journal = openJournal(options.journal)
  const open = new Map<string, Execution>()
  const turns = turnsOn(journal, options, ({ arn }) => open.delete(arn))
  let lastRow = journal.lastExecution()

  journal.forgetEndedBefore(clock.now() - keptFor)
  for (const stored of journal.openExecutions()) {
    open.set(stored.arn, restore(stored, machines.program(stored.definition), journal))
  }
  for (const execution of open.values()) turns.resume(execution)

  const begin = (machine: MachineSource, arn: string, name: string, input: string): Execution => {
    const execution: Execution = {
      row: ++lastRow,
      arn,
      name,
      machine: { arn: machine.arn, name: machine.name },
      program: machines.program(machine.definition),
      inputText: input,
      input: parseJson(input),
      startedAt: clock.now(),
      branches: new Map(),
      status: 'RUNNING',
      lastEventId: 0,
      lastBranchId: 0,
      turns: Promise.resolve(),
      opened: Promise.resolve(),
      cancelDeadline: undefined,
    }
    open.set(arn, execution)
    const { definition } = machine
    const opened = { arn, machine: machine.arn, name, definition, startedAt: execution.startedAt, input }
    execution.opened = turns.take(execution, beginExecution, opened)
    return execution
  }

  return {
    machines: machines.byArn,
    journal,
    startedAt: clock.now(),
    start: async (machine, name, input) => {
      const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`
      const living = open.get(arn)
      if (living ? living.status !== 'RUNNING' || living.inputText !== input : journal.find(arn))
        return undefined
      const { opened, startedAt } = living ?? begin(machine, arn, name, input)
      await opened
      return { arn, startedAt }
    },
    stop: async (arn, error, cause) => {
      const execution = open.get(arn)
      if (execution) await turns.take(execution, (turn) => onStop(turn, error, cause))
    },
    settleToken: async (token, returned) => {
      const holder = turns.holder(token)
      return holder
        ? turns.take(holder.execution, (turn) => onToken(turn, holder.seat, token, returned))
        : false
    },
    heartbeat: async (token) => {
      const holder = turns.holder(token)
      return holder ? turns.take(holder.execution, (turn) => onHeartbeat(turn, holder.seat, token)) : false
    },
    close: async () => {
      await turns.close(open.values())
      journal.close()
    },
  }
}
