import type { Program } from '../asl/program.ts'
import type { Entry, Opened } from '../journal/journal.ts'
import type { JournalReader, StoredExecution } from '../journal/reader.ts'
import { parseJson } from '../json.ts'
import type { Branch, Execution } from './execution.ts'
import type { Turn } from './turn.ts'

/** What the journal must have of a turn; undefined when nothing changed. */
export function entryOf(turn: Turn, opened: Opened | undefined): Entry | undefined {
  const { execution, events, touched, removed, ending } = turn
  if (events.length + touched.size + removed.size === 0) return undefined
  const rested = [...touched].filter((branch) => !removed.has(branch))
  return {
    execution: execution.row,
    opened,
    events,
    rested: rested.map((branch) => [branch.id, bodyOf(branch)]),
    removed: [...removed].map(({ id }) => id),
    ending,
  }
}

/** The execution as it rested when its last turn was journaled, by whichever process. */
export function restore(stored: StoredExecution, program: Program, journal: JournalReader): Execution {
  const branches = journal.branches(stored.id).map(([id, body]) => branchFrom(id, body))
  return {
    row: stored.id,
    arn: stored.arn,
    name: stored.name,
    machine: { arn: stored.machine, name: stored.machine.split(':').at(-1) ?? '' },
    program,
    inputText: stored.input,
    input: parseJson(stored.input),
    startedAt: stored.started,
    branches: new Map(branches.map((branch) => [branch.id, branch])),
    status: 'RUNNING',
    lastEventId: journal.history(stored.id).at(-1)?.id ?? 0,
    lastBranchId: Math.max(0, ...branches.map(({ id }) => id)),
    turns: Promise.resolve(),
    opened: Promise.resolve(),
    cancelDeadline: undefined,
  }
}

type Body = Omit<Branch, 'id' | 'cancelTimer' | 'knownBy'>

function bodyOf({ id: _id, cancelTimer: _timer, knownBy: _token, ...body }: Branch): string {
  return JSON.stringify(body satisfies Body)
}

function branchFrom(id: number, text: string): Branch {
  return { ...(JSON.parse(text) as Body), id, cancelTimer: undefined, knownBy: undefined }
}
