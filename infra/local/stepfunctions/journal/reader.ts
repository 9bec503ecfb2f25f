import type { DatabaseSync } from 'node:sqlite'
import type { ExecutionStatus } from '../engine/execution.ts'
import type { HistoryEvent } from '../engine/history.ts'

/** An execution as the journal knows it. Instants are epoch milliseconds. */
export interface StoredExecution {
  readonly id: number
  readonly arn: string
  readonly machine: string
  readonly name: string
  readonly status: ExecutionStatus
  readonly started: number
  readonly stopped: number | null
  readonly input: string
  readonly output: string | null
  readonly error: string | null
  readonly cause: string | null
}

export interface JournalReader {
  find(arn: string): StoredExecution | undefined
  /** Newest first, those with a smaller number than `before`. */
  list(filter: ListFilter): readonly StoredExecution[]
  history(execution: number): readonly HistoryEvent[]
  openExecutions(): readonly (StoredExecution & { readonly definition: string })[]
  branches(execution: number): readonly (readonly [branch: number, body: string])[]
  lastExecution(): number
}

export interface ListFilter {
  readonly machine: string
  readonly status: string | undefined
  readonly before: number
  readonly limit: number
}

export function journalReader(database: DatabaseSync): JournalReader {
  const columns = 'id, arn, machine, name, status, started, stopped, input, output, error, cause'
  const find = database.prepare(`SELECT ${columns} FROM execution WHERE arn = ?`)
  const list = database.prepare(
    `SELECT ${columns} FROM execution WHERE machine = ? AND (? IS NULL OR status = ?) AND id < ?
     ORDER BY id DESC LIMIT ?`,
  )
  const history = database.prepare('SELECT events FROM history WHERE execution = ? ORDER BY first')
  const open = database.prepare(
    `SELECT ${columns}, (SELECT text FROM definition WHERE definition.id = execution.definition) AS definition
     FROM execution WHERE status = 'RUNNING' ORDER BY id`,
  )
  const branches = database.prepare('SELECT id, body FROM branch WHERE execution = ? ORDER BY id')
  const last = database.prepare('SELECT coalesce(max(id), 0) AS id FROM execution')
  return {
    find: (arn) => find.get(arn) as StoredExecution | undefined,
    list: ({ machine, status = null, before, limit }) =>
      list.all(machine, status, status, before, limit) as unknown as StoredExecution[],
    history: (execution) =>
      history.all(execution).flatMap(({ events }) => JSON.parse(String(events)) as HistoryEvent[]),
    openExecutions: () => open.all() as unknown as (StoredExecution & { definition: string })[],
    branches: (execution) =>
      branches.all(execution).map(({ id, body }) => [Number(id), String(body)] as const),
    lastExecution: () => Number(last.get()?.id),
  }
}
