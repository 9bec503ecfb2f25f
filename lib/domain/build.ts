import type { Reason } from './lease.ts'

/**
 * A build: a working-copy lease, steps that run in it in order, and its release, whatever happens.
 * The union is by status: a field exists only in the states in which it is true. Times are epoch milliseconds.
 *
 *   waiting    its lease, whose id is known before it exists, is asked for or stands in the queue
 *   running    its lease is active; one step runs
 *   releasing  the verdict is known; the lease is being given back, and its processes end
 *   ended      nothing of the lease is left
 *
 * A restart is a new generation: a new lease, asked for once nothing of the one before is left.
 */
export type Build = WaitingBuild | RunningBuild | ReleasingBuild | EndedBuild
export type BuildStatus = Build['status']

/** Fixed when the build is made. Scripts and values of the environment are kept beside it. */
export interface BuildTerms {
  readonly id: string
  readonly tenant: string
  /** Principal that asked. */
  readonly owner: string
  readonly createdAt: number
  readonly lease: LeaseWish
  /** It was let in as somebody for whose code nobody vouches, and stays that, in every generation. */
  readonly untrusted?: true
  readonly webhook?: string
  readonly note?: string
  /** Lease of the first generation. */
  readonly leaseId: string
  readonly steps: readonly StepTerms[]
  /** New generations that it may begin by itself after a failure that is not its own. */
  readonly retries: number
}

/** The lease that each generation asks for, with the blueprint that was granted; durations in milliseconds. */
export interface LeaseWish {
  readonly blueprint?: string
  readonly type?: string
  readonly pools?: readonly string[]
  readonly repository: string
  readonly commit?: string
  readonly priority: number
  readonly ttl?: number
  readonly wait?: number
  readonly maxHold?: number
}

export interface StepTerms {
  readonly name: string
  readonly timeoutSeconds: number
  /** Its failure is not the build's. */
  readonly continueOnError: boolean
  /** Runs after a failure, too. */
  readonly always: boolean
}

/** Commands of a lease are numbered; a step knows the one that it is. */
export type StepState =
  | { readonly status: 'waiting' }
  | { readonly status: 'running'; readonly command: number }
  | (StepEnd & { readonly status: 'succeeded' | 'failed' | 'lost'; readonly command: number })
  /** Its command was ended with the lease. */
  | { readonly status: 'stopped'; readonly command: number }
  | { readonly status: 'skipped' }

export interface StepEnd {
  readonly cause: string
  readonly exitCode?: number
  readonly detail?: string
  readonly startedAt?: number
  readonly endedAt: number
}

export type Outcome =
  | 'succeeded'
  /** By the request's own fault: a step failed, it took longer than it asked for, or what it named could not be had. */
  | 'failed'
  | 'aborted'
  /** The lease was lost, or never came. */
  | 'infrastructure'

/** What became of a generation; the lease's own reason where it was the lease that ended it. */
export interface Verdict {
  readonly outcome: Outcome
  readonly reason?:
    | 'step_failed'
    | 'step_lost'
    | 'timeout'
    | 'aborted'
    | 'restarted'
    | 'refused'
    | 'fault'
    | Reason
  readonly detail?: string
}

/** Moves with the build's life. */
interface Progress {
  /** Raised by every transition; the condition of each of them. */
  readonly version: number
  readonly status: string
  /** Counts from 1. */
  readonly generation: number
  readonly retriesLeft: number
  readonly states: readonly StepState[]
  /** When the sweep looks at it next; an ended build has one until it was told of. */
  readonly timer?: number
}

export interface WaitingBuild extends BuildTerms, Progress {
  readonly status: 'waiting'
  /** When this generation began to wait. */
  readonly since: number
}

/** What is really built. */
export interface Source {
  readonly commit: string
  readonly tree: string
}

export interface RunningBuild extends BuildTerms, Progress {
  readonly status: 'running'
  readonly since: number
  readonly source: Source
  readonly startedAt: number
}

export interface ReleasingBuild extends BuildTerms, Progress {
  readonly status: 'releasing'
  readonly since: number
  readonly source?: Source
  readonly startedAt?: number
  readonly verdict: Verdict
  readonly finishedAt: number
  /** Somebody asked for a new generation; it begins with this lease. */
  readonly restart?: { readonly leaseId: string }
}

export interface EndedBuild extends BuildTerms, Progress {
  readonly status: 'ended'
  readonly since: number
  readonly source?: Source
  readonly startedAt?: number
  readonly verdict: Verdict
  readonly finishedAt: number
  readonly endedAt: number
}

/** The step that runs, or undefined between two of them. */
export const runningStep = (build: Build): number =>
  build.states.findIndex(({ status }) => status === 'running')

const failed = (build: Pick<Build, 'steps' | 'states'>, statuses: readonly StepState['status'][]): boolean =>
  build.states.some(
    ({ status }, index) => statuses.includes(status) && build.steps[index]?.continueOnError === false,
  )

/** The next step in order; after a failure only those that run always. -1: there is none. */
export function nextStep(build: Pick<Build, 'steps' | 'states'>): number {
  const down = failed(build, ['failed', 'lost'])
  return build.states.findIndex(
    ({ status }, index) => status === 'waiting' && (!down || build.steps[index]?.always === true),
  )
}

/** Of a generation that has no step left to run. A step that was lost says nothing of what was built. */
export function verdictOf(build: Pick<Build, 'steps' | 'states'>): Verdict {
  if (failed(build, ['lost'])) return { outcome: 'infrastructure', reason: 'step_lost' }
  if (failed(build, ['failed'])) return { outcome: 'failed', reason: 'step_failed' }
  return { outcome: 'succeeded' }
}

/** Whether the steps so far let the build succeed: what a step that always runs wants to know. */
export const isWell = (build: Pick<Build, 'steps' | 'states'>): boolean => !failed(build, ['failed', 'lost'])
