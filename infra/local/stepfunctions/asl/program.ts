import type { Retrier } from './definition.ts'
import type { Query } from './query.ts'
import type { Template } from './template.ts'

/** A state machine, or a branch of one, ready to run. */
export interface Program {
  readonly startAt: string
  readonly states: ReadonlyMap<string, State>
  readonly timeoutSeconds: number | undefined
}

export type State =
  | TaskState
  | ChoiceState
  | WaitState
  | PassState
  | SucceedState
  | FailState
  | MapState
  | ParallelState

interface Named<Type extends string> {
  readonly type: Type
  readonly name: string
}

/** How a state is left: with which variables, output and next state (null: the branch ends). */
export interface Exit {
  readonly assign: Template | undefined
  readonly output: Template | undefined
  readonly next: string | null
}

export interface Catcher extends Exit {
  readonly errorEquals: readonly string[]
}

/** Retry and Catch of Task, Map and Parallel. */
export interface Recovery {
  readonly retriers: readonly Retrier[]
  readonly catchers: readonly Catcher[]
}

/** What a Task calls. `token`: the state ends by the task token, not by the call's return. */
export type Target =
  | { readonly kind: 'function'; readonly functionName: string; readonly token: false }
  | { readonly kind: 'lambda'; readonly token: boolean }
  | { readonly kind: 'sdk'; readonly service: string; readonly key: string; readonly token: boolean }

export interface TaskState extends Named<'Task'>, Exit, Recovery {
  readonly target: Target
  /** As in history events: `lambda` and `invoke`, `aws-sdk:dynamodb` and `updateItem.waitForTaskToken`. */
  readonly resourceType: string
  readonly resource: string
  readonly arguments: Template | undefined
  readonly timeoutSeconds: Template | undefined
  readonly heartbeatSeconds: Template | undefined
}

export interface ChoiceState extends Named<'Choice'> {
  readonly rules: readonly (Exit & { readonly condition: Query | boolean })[]
  readonly otherwise: Exit | undefined
}

export interface WaitState extends Named<'Wait'>, Exit {
  readonly seconds: Template | undefined
  readonly timestamp: Template | undefined
}

export interface PassState extends Named<'Pass'>, Exit {}
export interface SucceedState extends Named<'Succeed'>, Exit {}

export interface FailState extends Named<'Fail'> {
  readonly error: Template | undefined
  readonly cause: Template | undefined
}

export interface MapState extends Named<'Map'>, Exit, Recovery {
  readonly items: Template | undefined
  readonly selector: Template | undefined
  readonly maxConcurrency: Template | undefined
  readonly processor: Program
}

export interface ParallelState extends Named<'Parallel'>, Exit, Recovery {
  readonly arguments: Template | undefined
  readonly branches: readonly Program[]
}
