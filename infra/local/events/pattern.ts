import { isList, isObject } from '../assembly/json.ts'
import type { Json, JsonObject } from '../assembly/json.ts'
import { parseTest } from './pattern-tests.ts'

export type Matches = (event: JsonObject) => boolean
type Fits = (value: Json | undefined) => boolean

/** Compiles an event pattern; throws on operators that it does not know, rather than never to match. */
export function compilePattern(pattern: JsonObject): Matches {
  const fits = compileObject(pattern)
  return (event) => fits(event)
}

function compileObject(pattern: JsonObject): Fits {
  const fields = Object.entries(pattern).map(([name, part]): Fits => {
    if (name === '$or') return compileOr(part)
    const fits = isObject(part) ? compileObject(part) : compileValues(name, part)
    return (value) => fits(isObject(value) ? value[name] : undefined)
  })
  const all: Fits = (value) => fields.every((fits) => fits(value))
  return (value) => (isList(value) ? value.some(all) : all(value))
}

function compileOr(part: Json): Fits {
  if (!isList(part) || !part.every(isObject)) throw new Error('$or needs a list of patterns')
  const choices = part.map(compileObject)
  return (value) => choices.some((fits) => fits(value))
}

function compileValues(name: string, part: Json): Fits {
  if (!isList(part)) throw new Error(`${name} needs a list of values in an event pattern`)
  const tests = part.map(parseTest)
  return (value) =>
    tests.some((fits) =>
      isList(value) && value.length > 0 ? value.some(fits) : fits(isList(value) ? undefined : value),
    )
}
