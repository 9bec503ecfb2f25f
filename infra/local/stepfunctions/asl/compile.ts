import { z } from 'zod'
import { parseJson, type Json } from '../json.ts'
import {
  branchDefinition,
  machineDefinition,
  stateDefinition,
  type CatcherDefinition,
  type StateDefinition,
} from './definition.ts'
import type { ChoiceState, Exit, Program, Recovery, State } from './program.ts'
import type { Query } from './query.ts'
import { readTarget } from './target.ts'
import { compileTemplate, expressionOf, type Template } from './template.ts'

export interface Tools {
  readonly compileQuery: (source: string) => Query
  /** Keys of the SDK integrations that can be called, such as `dynamodb:updateItem`. */
  readonly integrations: ReadonlySet<string>
}

/**
 * @param text a resolved ASL definition: JSON, JSONata dialect.
 * @throws Error that names the state and what is wrong with it.
 */
export function compileMachine(text: string, tools: Tools): Program {
  const definition = read(machineDefinition, parseJson(text), 'the definition')
  return { ...compileStates(definition, tools), timeoutSeconds: definition.TimeoutSeconds }
}

function compileBranch(raw: unknown, tools: Tools): Program {
  return compileStates(read(branchDefinition, raw, 'a branch'), tools)
}

function compileStates(
  definition: { readonly StartAt: string; readonly States: Readonly<Record<string, unknown>> },
  tools: Tools,
): Program {
  const names = new Set(Object.keys(definition.States))
  if (!names.has(definition.StartAt)) throw new Error(`StartAt names no state: ${definition.StartAt}`)
  const states = new Map<string, State>()
  for (const [name, raw] of Object.entries(definition.States)) {
    const state = inState(name, () => compileState(name, read(stateDefinition, raw, 'the state'), tools))
    const missing = nextsOf(state).find((next) => next !== null && !names.has(next))
    if (missing) throw new Error(`state ${name}: Next names no state: ${missing}`)
    states.set(name, state)
  }
  return { startAt: definition.StartAt, states, timeoutSeconds: undefined }
}

function compileState(name: string, raw: StateDefinition, tools: Tools): State {
  const field = (source: Json | undefined, label: string): Template | undefined =>
    source === undefined ? undefined : compileTemplate(source, label, tools.compileQuery)
  const exit = (
    from: { Assign?: Json | undefined; Output?: Json | undefined },
    next: string | null,
  ): Exit => ({
    assign: field(from.Assign, 'Assign'),
    output: field(from.Output, 'Output'),
    next,
  })
  const recovery = (from: {
    Retry: Recovery['retriers']
    Catch: readonly CatcherDefinition[]
  }): Recovery => ({
    retriers: from.Retry,
    catchers: from.Catch.map((catcher) => ({
      ...exit(catcher, catcher.Next),
      errorEquals: catcher.ErrorEquals,
    })),
  })

  switch (raw.Type) {
    case 'Task':
      return {
        type: 'Task',
        name,
        ...exit(raw, nextOf(raw)),
        ...recovery(raw),
        ...readTarget(raw.Resource, tools.integrations),
        arguments: field(raw.Arguments, 'Arguments'),
        timeoutSeconds: field(raw.TimeoutSeconds, 'TimeoutSeconds'),
        heartbeatSeconds: field(raw.HeartbeatSeconds, 'HeartbeatSeconds'),
      }
    case 'Choice':
      return {
        type: 'Choice',
        name,
        rules: raw.Choices.map((rule) => ({
          ...exit({ Assign: rule.Assign, Output: rule.Output ?? raw.Output }, rule.Next),
          condition: compileCondition(rule.Condition, tools),
        })),
        otherwise: raw.Default === undefined ? undefined : exit(raw, raw.Default),
      }
    case 'Wait':
      if ((raw.Seconds === undefined) === (raw.Timestamp === undefined)) {
        throw new Error('needs either Seconds or Timestamp')
      }
      return {
        type: 'Wait',
        name,
        ...exit(raw, nextOf(raw)),
        seconds: field(raw.Seconds, 'Seconds'),
        timestamp: field(raw.Timestamp, 'Timestamp'),
      }
    case 'Pass':
      return { type: 'Pass', name, ...exit(raw, nextOf(raw)) }
    case 'Succeed':
      return { type: 'Succeed', name, ...exit(raw, null) }
    case 'Fail':
      return { type: 'Fail', name, error: field(raw.Error, 'Error'), cause: field(raw.Cause, 'Cause') }
    case 'Map':
      return {
        type: 'Map',
        name,
        ...exit(raw, nextOf(raw)),
        ...recovery(raw),
        items: field(raw.Items, 'Items'),
        selector: field(raw.ItemSelector, 'ItemSelector'),
        maxConcurrency: field(raw.MaxConcurrency, 'MaxConcurrency'),
        processor: compileBranch(raw.ItemProcessor, tools),
      }
    case 'Parallel':
      return {
        type: 'Parallel',
        name,
        ...exit(raw, nextOf(raw)),
        ...recovery(raw),
        arguments: field(raw.Arguments, 'Arguments'),
        branches: raw.Branches.map((branch) => compileBranch(branch, tools)),
      }
    default:
      return raw satisfies never
  }
}

function compileCondition(source: string | boolean, tools: Tools): ChoiceState['rules'][number]['condition'] {
  if (typeof source === 'boolean') return source
  const expression = expressionOf(source)
  if (expression === undefined) throw new Error(`Condition is no expression: ${source}`)
  return tools.compileQuery(expression)
}

function nextOf(raw: { Next?: string | undefined; End?: boolean | undefined }): string | null {
  if ((raw.Next === undefined) === (raw.End !== true)) throw new Error('needs either Next or "End": true')
  return raw.Next ?? null
}

function nextsOf(state: State): readonly (string | null)[] {
  if (state.type === 'Fail') return []
  if (state.type === 'Choice') {
    return [...state.rules, ...(state.otherwise ? [state.otherwise] : [])].map(({ next }) => next)
  }
  return [state.next, ...('catchers' in state ? state.catchers.map(({ next }) => next) : [])]
}

function read<Shape extends z.ZodType>(shape: Shape, raw: unknown, what: string): z.infer<Shape> {
  const { data, error } = shape.safeParse(raw)
  if (error) throw new Error(`${what}: ${z.prettifyError(error)}`)
  return data
}

/** JSONata throws plain objects for syntax errors: what leaves here is an Error that names the state. */
function inState<Result>(name: string, work: () => Result): Result {
  try {
    return work()
  } catch (thrown) {
    const { message = String(thrown) } = thrown as { message?: string }
    throw new Error(`state ${name}: ${message}`, { cause: thrown })
  }
}
