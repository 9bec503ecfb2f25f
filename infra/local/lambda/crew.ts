import type { FunctionDefinition, Invocation } from './invocation.ts'
import type { Worker } from './worker.ts'

export type Idle = { readonly worker: Worker; readonly since: number; readonly cancelReaping: () => void }

/** The processes and the waiting invocations of one function. */
export type Crew = {
  readonly definition: FunctionDefinition
  readonly waiting: Invocation[]
  readonly starting: Set<Worker>
  /** Those that answered and will ask for work in a moment. */
  readonly returning: Set<Worker>
  /** Longest idle first. */
  readonly idle: Idle[]
  /** Processes that count against the cap. */
  readonly members: Set<Worker>
  /** Who asked for a first process without having work for it. */
  readonly warmers: (() => void)[]
}

export function newCrew(definition: FunctionDefinition): Crew {
  return {
    definition,
    waiting: [],
    starting: new Set(),
    returning: new Set(),
    idle: [],
    members: new Set(),
    warmers: [],
  }
}

/** The crew that should get the next process: the one whose invocation has waited longest without one. */
export function nextToGrow(crews: readonly Crew[]): Crew | undefined {
  const wanting = crews.filter(
    (crew) =>
      crew.waiting.length > crew.starting.size + crew.returning.size ||
      (crew.warmers.length > 0 && crew.members.size === 0),
  )
  return wanting.toSorted((a, b) => turnOf(a) - turnOf(b))[0]
}

/** Whether an older invocation waits for a function that has no process at all, so can only starve. */
export function starves(crews: readonly Crew[], other: Crew): boolean {
  return crews.some((crew) => crew.members.size === 0 && turnOf(crew) < turnOf(other))
}

/**
 * Places that a function with processes of its own must leave to those that have none, at most half of all: long runs
 * of one function (long polls, followers of commands) would else keep everybody from ending what they wait for.
 */
export function keptFrom(
  crew: Crew,
  crews: readonly Crew[],
  { maxProcesses }: { readonly maxProcesses: number },
): number {
  if (crew.members.size === 0) return 0
  const absent = crews.filter(({ members }) => members.size === 0).length
  return Math.min(absent, Math.floor(maxProcesses / 2))
}

export function longestIdle(crews: readonly Crew[]): Idle | undefined {
  return crews.flatMap((crew) => crew.idle.slice(0, 1)).toSorted((a, b) => a.since - b.since)[0]
}

/** Gives waiting invocations to idle processes, the one used last first. */
export function feed(crew: Crew): void {
  while (crew.waiting.length > 0 && crew.idle.length > 0) {
    const idle = crew.idle.pop()
    const invocation = crew.waiting.shift()
    idle?.cancelReaping()
    if (invocation !== undefined) idle?.worker.run(invocation)
  }
}

const turnOf = (crew: Crew): number => crew.waiting[0]?.turn ?? Number.MAX_SAFE_INTEGER
