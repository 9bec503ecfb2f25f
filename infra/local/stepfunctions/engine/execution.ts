import type { Program } from '../asl/program.ts'
import type { Json, JsonObject } from '../json.ts'

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'

/** An open execution. Changed inside its own turns only, one turn at a time. */
export interface Execution {
  /** Its number in the journal. */
  readonly row: number
  readonly arn: string
  readonly name: string
  readonly machine: { readonly arn: string; readonly name: string }
  readonly program: Program
  readonly inputText: string
  readonly input: Json
  readonly startedAt: number
  readonly branches: Map<number, Branch>
  status: ExecutionStatus
  lastEventId: number
  lastBranchId: number
  /** Resolves when the last turn that was asked for is over. */
  turns: Promise<unknown>
  /** Resolves when the journal knows the execution. */
  opened: Promise<unknown>
  cancelDeadline: (() => void) | undefined
}

/** One line of control: the execution itself, an item of a Map, a branch of a Parallel. */
export interface Branch {
  readonly id: number
  /** The branch whose Map or Parallel state this one works for; null: the execution itself. */
  readonly parent: number | null
  readonly index: number
  /** The item that a Map's branch works on. */
  readonly item: { readonly Index: number; readonly Value: Json } | null
  state: string
  input: Json
  enteredAt: number
  variables: JsonObject
  /** How often each retrier of the current state was used. */
  retries: number[]
  lastEventId: number
  phase: Phase
  /** Raised with every phase, so that what comes late finds out that it is late. */
  serial: number
  /** In memory only: the armed timer, and the token under which the branch can be found. */
  cancelTimer: (() => void) | undefined
  knownBy: string | undefined
}

/** Where a branch rests between turns: all it takes to go on after a restart. Instants are epoch milliseconds. */
export type Phase =
  | { readonly at: 'start' }
  | {
      readonly at: 'task'
      readonly call: Call
      readonly token: string | null
      /** The call has returned; only the token is waited for. */
      readonly submitted: boolean
      readonly timeoutAt: number | null
      readonly heartbeatAt: number | null
      readonly heartbeatMs: number | null
    }
  | { readonly at: 'wait'; readonly until: number }
  | { readonly at: 'backoff'; readonly until: number }
  | {
      readonly at: 'branches'
      readonly inputs: readonly Json[]
      readonly maxConcurrency: number
      readonly started: number
      readonly outputs: Readonly<Record<number, Json>>
    }

export type Call =
  | { readonly kind: 'function'; readonly functionName: string; readonly payload: string }
  | { readonly kind: 'lambda'; readonly functionName: string; readonly payload: string }
  | { readonly kind: 'sdk'; readonly service: string; readonly key: string; readonly parameters: JsonObject }

/** The execution's own branch, whose output is the execution's. */
export const rootBranch = 0
