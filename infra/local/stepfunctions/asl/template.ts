import type { Json, JsonObject } from '../json.ts'
import type { Query, Scope } from './query.ts'

/** JSON with `{% expression %}` strings in it; evaluates to JSON without any. */
export type Template = (scope: Scope) => Json | Promise<Json>

type Part =
  | { readonly constant: true; readonly value: Json }
  | { readonly constant: false; readonly template: Template }

/**
 * @param field names the field in failures, such as `Arguments`.
 * @throws SyntaxError-like when an expression does not parse: the machine must not be loaded then.
 */
export function compileTemplate(source: Json, field: string, compile: (source: string) => Query): Template {
  const part = compilePart(source, field, compile)
  return part.constant ? () => part.value : part.template
}

function compilePart(source: Json, field: string, compile: (source: string) => Query): Part {
  if (typeof source === 'string') {
    const expression = expressionOf(source)
    if (expression === undefined) return { constant: true, value: source }
    const query = compile(expression)
    return { constant: false, template: (scope) => query(scope, field) }
  }
  if (typeof source !== 'object' || source === null) return { constant: true, value: source }
  const entries = Object.entries(source as JsonObject).map(
    ([name, value]) => [name, compilePart(value, `${field}/${name}`, compile)] as const,
  )
  if (entries.every(([, part]) => part.constant)) return { constant: true, value: source }
  return { constant: false, template: Array.isArray(source) ? listOf(entries) : objectOf(entries) }
}

function listOf(entries: readonly (readonly [string, Part])[]): Template {
  return async (scope) => {
    const items: Json[] = []
    for (const [, part] of entries) items.push(part.constant ? part.value : await part.template(scope))
    return items
  }
}

function objectOf(entries: readonly (readonly [string, Part])[]): Template {
  return async (scope) => {
    const fields: Record<string, Json> = {}
    for (const [name, part] of entries) {
      const value = part.constant ? part.value : part.template(scope)
      fields[name] = value instanceof Promise ? await value : value
    }
    return fields
  }
}

/** Marks count only as the very first and last characters, as on the service. */
export function expressionOf(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2) : undefined
}
