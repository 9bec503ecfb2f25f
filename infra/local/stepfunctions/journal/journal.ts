import type { DatabaseSync } from 'node:sqlite'
import type { HistoryEvent } from '../engine/history.ts'
import type { Ending } from '../engine/turn.ts'
import { openDatabase } from './schema.ts'
import { journalReader, type JournalReader } from './reader.ts'

/** One turn of one execution, as it is written: all of it or nothing. */
export interface Entry {
  readonly execution: number
  readonly opened: Opened | undefined
  readonly events: readonly HistoryEvent[]
  /** Resting branches as JSON text, by their number. */
  readonly rested: readonly (readonly [branch: number, body: string])[]
  readonly removed: readonly number[]
  readonly ending: Ending | null
}

export interface Opened {
  readonly arn: string
  readonly machine: string
  readonly name: string
  readonly definition: string
  readonly startedAt: number
  readonly input: string
}

export interface Journal extends JournalReader {
  /** One transaction for all entries, in their order. @throws when the file cannot be written */
  write(entries: readonly Entry[]): void
  /** Forgets executions that ended before this instant. */
  forgetEndedBefore(instant: number): void
  close(): void
}

/** @param path a file that only one engine may use at a time; absent: nothing outlives the process */
export function openJournal(path: string | undefined): Journal {
  const database = openDatabase(path)
  return { ...journalReader(database), ...journalWriter(database), close: () => database.close() }
}

function journalWriter(database: DatabaseSync): Pick<Journal, 'write' | 'forgetEndedBefore'> {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const addDefinition = database.prepare('INSERT OR IGNORE INTO definition (text) VALUES (?)')
  const findDefinition = database.prepare('SELECT id FROM definition WHERE text = ?')
  const addExecution = database.prepare(
    `INSERT INTO execution (id, arn, machine, name, definition, status, started, input)
     VALUES (?, ?, ?, ?, ?, 'RUNNING', ?, ?)`,
  )
  const endExecution = database.prepare(
    'UPDATE execution SET status = ?, stopped = ?, output = ?, error = ?, cause = ? WHERE id = ?',
  )
  const addEvents = database.prepare('INSERT INTO history (execution, first, events) VALUES (?, ?, ?)')
  const putBranch = database.prepare(
    'INSERT INTO branch (execution, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  const removeBranch = database.prepare('DELETE FROM branch WHERE execution = ? AND id = ?')
  const definitions = new Map<string, number>()

  const definitionId = (text: string): number => {
    const known = definitions.get(text)
    if (known !== undefined) return known
    addDefinition.run(text)
    const id = Number(findDefinition.get(text)?.id)
    definitions.set(text, id)
    return id
  }
  const writeEntry = ({ execution, opened, events, rested, removed, ending }: Entry): void => {
    if (opened) {
      const { arn, machine, name, definition, startedAt, input } = opened
      addExecution.run(execution, arn, machine, name, definitionId(definition), startedAt, input)
    }
    const [first] = events
    if (first) addEvents.run(execution, first.id, JSON.stringify(events))
    for (const [branch, body] of rested) putBranch.run(execution, branch, body)
    for (const branch of removed) removeBranch.run(execution, branch)
    if (ending) {
      const { status, at, output = null, error = null, cause = null } = ending
      endExecution.run(status, at, output, error, cause, execution)
    }
  }
  return {
    write: (entries) => {
      begin.run()
      try {
        for (const entry of entries) writeEntry(entry)
        commit.run()
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    forgetEndedBefore: (instant) => {
      const ended = 'SELECT id FROM execution WHERE stopped < ?'
      begin.run()
      database.prepare(`DELETE FROM history WHERE execution IN (${ended})`).run(instant)
      database.prepare('DELETE FROM execution WHERE stopped < ?').run(instant)
      commit.run()
    },
  }
}
