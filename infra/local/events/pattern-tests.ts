import { isList, isObject } from '../assembly/json.ts'
import type { Json } from '../assembly/json.ts'

type Fits = (value: Json | undefined) => boolean

/** One value of a pattern's list: a literal, or an object with one operator. */
export function parseTest(test: Json): Fits {
  if (!isObject(test)) return (value) => value === test
  const [only, ...others] = Object.entries(test)
  const parse = only && others.length === 0 ? operators[only[0]] : undefined
  if (!only || !parse) throw new Error(`${JSON.stringify(test)} is no known test of an event pattern`)
  return parse(only[1])
}

const operators: Readonly<Record<string, (operand: Json) => Fits>> = {
  exists: (operand) => (value) => (isObject(value) ? false : (value !== undefined) === operand),
  prefix: (operand) => textTest(operand, (value, part) => value.startsWith(part)),
  suffix: (operand) => textTest(operand, (value, part) => value.endsWith(part)),
  'equals-ignore-case': (operand) =>
    textTest(operand, (value, part) => value.toLowerCase() === part.toLowerCase()),
  wildcard: (operand) => {
    if (typeof operand !== 'string') throw new Error('wildcard needs a text')
    const literal = operand.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    const expression = new RegExp(`^${literal.join('.*')}$`, 's')
    return (value) => typeof value === 'string' && expression.test(value)
  },
  'anything-but': (operand) => {
    const tests = (isList(operand) ? operand : [operand]).map(parseTest)
    return (value) => value !== undefined && !tests.some((fits) => fits(value))
  },
  numeric: (operand) => {
    if (!isList(operand) || operand.length < 2 || operand.length % 2 !== 0) {
      throw new Error('numeric needs pairs of comparison and number')
    }
    const all = operand.flatMap((sign, index) =>
      index % 2 === 0 ? [comparison(sign, operand[index + 1] ?? null)] : [],
    )
    return (value) => typeof value === 'number' && all.every((holds) => holds(value))
  },
}

/** An operand in an object ignores case: `{ prefix: { 'equals-ignore-case': 'a' } }`. Lists are alternatives. */
function textTest(operand: Json, holds: (value: string, part: string) => boolean): Fits {
  if (isList(operand)) {
    const tests = operand.map((part) => textTest(part, holds))
    return (value) => tests.some((fits) => fits(value))
  }
  const ignoring = isObject(operand) ? operand['equals-ignore-case'] : undefined
  const part = ignoring ?? operand
  if (typeof part !== 'string') throw new Error(`${JSON.stringify(operand)} is no text to compare with`)
  const shape = ignoring === undefined ? (text: string) => text : (text: string) => text.toLowerCase()
  return (value) => typeof value === 'string' && holds(shape(value), shape(part))
}

function comparison(sign: Json, bound: Json): (value: number) => boolean {
  const holds = typeof sign === 'string' ? comparisons[sign] : undefined
  if (!holds || typeof bound !== 'number') {
    throw new Error(`numeric cannot compare by ${JSON.stringify([sign, bound])}`)
  }
  return (value) => holds(value, bound)
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}
