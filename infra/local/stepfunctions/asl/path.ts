import type { ExprNode } from 'jsonata'
import { isObject, type Json } from '../json.ts'
import type { Scope } from './query.ts'

type Path = (scope: Scope) => Json | undefined

const plainKeys = new Set(['type', 'value', 'position'])

/**
 * Most expressions only walk from a variable through names (`$states.input.leaseId`). Those are read without
 * the interpreter, some fifty times faster. Whatever could mean something else (an array on the way, nothing
 * there) answers undefined, and the interpreter decides.
 */
export function readPath(ast: ExprNode): Path | undefined {
  const type: string = ast.type // the published types leave `path` out
  const steps = type === 'path' ? ast.steps : [ast]
  if (!steps || !isPlain(ast, type === 'path' ? ['steps'] : [])) return undefined
  const [first, ...rest] = steps
  if (first?.type !== 'variable' || !isPlain(first)) return undefined
  if (!rest.every((step) => step.type === 'name' && isPlain(step))) return undefined
  const variable = String(first.value)
  if (variable === '' || variable === '$') return undefined
  const names = rest.map((step) => String(step.value))
  return (scope) => walk(variable === 'states' ? scope.states : scope.variables[variable], names)
}

function walk(start: Json | undefined, names: readonly string[]): Json | undefined {
  let value = start
  for (const name of names) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return Array.isArray(value) ? undefined : value
}

function isPlain(node: ExprNode, also: readonly string[] = []): boolean {
  return Object.keys(node).every((key) => plainKeys.has(key) || also.includes(key))
}
