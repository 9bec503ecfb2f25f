import { createHash, randomUUID } from 'node:crypto'
import jsonata, { type Expression } from 'jsonata'

const formatNow = jsonata('$fromMillis($at, $picture, $zone)')

/** What the service adds to JSONata, and what it takes away; the time is the engine's clock's. */
export function addServiceFunctions(expression: Expression, now: () => number): void {
  expression.registerFunction('millis', () => now(), '<:n>')
  expression.registerFunction(
    'now',
    (picture?: string, zone?: string) => formatNow.evaluate(undefined, { at: now(), picture, zone }),
    '<s?s?:s>',
  )
  expression.registerFunction('uuid', () => randomUUID(), '<:s>')
  expression.registerFunction('parse', (text: string): unknown => JSON.parse(text), '<s-:x>')
  expression.registerFunction('partition', partition, '<an:a>')
  expression.registerFunction('range', range, '<nnn:a>')
  expression.registerFunction('hash', hash, '<ss?:s>')
  expression.registerFunction(
    'random',
    (seed?: number) => (seed === undefined ? Math.random() : seeded(seed)),
    '<n?:n>',
  )
  expression.registerFunction('eval', () => {
    throw new Error('$eval is not supported')
  })
}

function partition(items: readonly unknown[], size: number): unknown[][] {
  if (!Number.isInteger(size) || size < 1) throw new RangeError('$partition needs a positive whole size')
  const parts: unknown[][] = []
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size))
  return parts
}

function range(first: number, last: number, step: number): number[] {
  if (step === 0) throw new RangeError('$range needs a step other than 0')
  const length = Math.floor((last - first) / step) + 1
  if (length > 1000) throw new RangeError('$range answers at most 1,000 numbers')
  return Array.from({ length: Math.max(length, 0) }, (_, index) => first + index * step)
}

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
}

function hash(text: string, algorithm = 'SHA-256'): string {
  const known = algorithms[algorithm]
  if (!known) throw new RangeError(`$hash knows ${Object.keys(algorithms).join(', ')}`)
  return createHash(known).update(text).digest('hex')
}

/** The same seed gives the same number; which one is not part of the service's contract. */
function seeded(seed: number): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE() / 2 ** 32
}
