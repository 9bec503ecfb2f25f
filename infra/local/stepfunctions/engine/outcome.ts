import { evaluationFailure } from '../asl/query.ts'
import type { Exit } from '../asl/program.ts'
import type { Failure } from '../asl/failure.ts'
import type { Template } from '../asl/template.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { Scope } from '../asl/query.ts'
import type { Phase } from './execution.ts'
import { payloadText } from './scope.ts'

/** What working on a state came to. */
export type Outcome =
  | { readonly kind: 'rest'; readonly phase: Phase }
  /** Rests until the branches of a Map or Parallel are done, which are started now. */
  | { readonly kind: 'spread'; readonly phase: Extract<Phase, { at: 'branches' }> }
  | {
      readonly kind: 'leave'
      readonly next: string | null
      readonly output: Json
      readonly outputText: string
      readonly assigned: JsonObject
    }
  /** Retry and Catch are still to be asked. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Nothing catches this any more. */
  | { readonly kind: 'lost'; readonly failure: Failure }

/** Evaluates Assign and Output, both of them with the variables as they were before. */
export async function leave(exit: Exit, scope: Scope, fallback: Json): Promise<Outcome> {
  const assigned = exit.assign ? await exit.assign(scope) : {}
  const output = exit.output ? await exit.output(scope) : fallback
  const outputText = payloadText(output, 'output of the state')
  return { kind: 'leave', next: exit.next, output, outputText, assigned: isObject(assigned) ? assigned : {} }
}

/** A whole number of seconds, as milliseconds. */
export async function secondsFrom(
  template: Template,
  scope: Scope,
  field: string,
  least: number,
): Promise<number> {
  const seconds = await template(scope)
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < least || seconds > 99_999_999) {
    const given = JSON.stringify(seconds)
    throw evaluationFailure(`${field} must be a whole number from ${least} to 99999999, not ${given}.`, field)
  }
  return seconds * 1000
}
