import jsonata from 'jsonata'
import { isObject, parseJson, type Json, type JsonObject } from '../json.ts'
import { addServiceFunctions } from './functions.ts'
import { StateFailure } from './failure.ts'
import { readPath } from './path.ts'

/** What an expression can see: `$states` and the variables assigned so far. */
export interface Scope {
  readonly states: JsonObject
  readonly variables: JsonObject
}

/** A compiled JSONata expression. Fails with `States.QueryEvaluationError`, naming the field. */
export type Query = (scope: Scope, field: string) => Json | Promise<Json>

/** Compiles each expression once, however many states, fields and executions use it. */
export function queryCompiler(now: () => number): (source: string) => Query {
  const known = new Map<string, Query>()
  return (source) => {
    const cached = known.get(source)
    if (cached) return cached
    const query = compileQuery(source, now)
    known.set(source, query)
    return query
  }
}

function compileQuery(source: string, now: () => number): Query {
  const expression = jsonata(source)
  addServiceFunctions(expression, now)
  const path = readPath(expression.ast())

  const evaluate = async (scope: Scope, field: string): Promise<Json> => {
    let value: unknown
    try {
      value = await expression.evaluate(undefined, { ...scope.variables, states: scope.states })
    } catch (thrown) {
      throw evaluationFailure(`The expression "${source}" for ${field} failed: ${reasonOf(thrown)}`, field)
    }
    return plain(value, source, field)
  }
  if (!path) return evaluate
  return (scope, field) => path(scope) ?? evaluate(scope, field)
}

export function evaluationFailure(cause: string, field: string): StateFailure {
  return new StateFailure('States.QueryEvaluationError', cause, field)
}

/** JSONata marks its arrays in ways that change how the next expression reads them: keep the JSON only. */
function plain(value: unknown, source: string, field: string): Json {
  if (value === undefined) {
    throw evaluationFailure(`The expression "${source}" for ${field} returned nothing (undefined).`, field)
  }
  if (typeof value === 'function' || (isObject(value) && '_jsonata_lambda' in value)) {
    throw evaluationFailure(`The expression "${source}" for ${field} returned a function.`, field)
  }
  if (typeof value === 'object' && value !== null) return parseJson(JSON.stringify(value))
  return value as Json
}

function reasonOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  const { code, message } = thrown as { code?: unknown; message?: unknown }
  return [code, message].filter((part) => typeof part === 'string').join(': ')
}
