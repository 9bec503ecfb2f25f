import { seededFraction } from '../../support/seeded.ts'

/** Draws from one repeatable stream. */
export interface Random {
  /** In [0, 1). */
  readonly fraction: () => number
  /** A whole number, both ends included. */
  readonly between: (low: number, high: number) => number
  /** True so often, of 1. */
  readonly chance: (share: number) => boolean
  readonly pick: <T>(among: readonly T[]) => T
  /** Some of them, in their order; at least one where there is one. */
  readonly some: <T>(among: readonly T[], most: number) => readonly T[]
  /** So many characters of the alphabet. */
  readonly word: (alphabet: string, length: number) => string
}

/** Streams of one seed that differ by name: what one part draws does not move what another one gets. */
export function randomStream(seed: number, name: string): Random {
  const fraction = seededFraction(mix(seed, name))
  const random: Random = {
    fraction,
    between: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    chance: (share) => fraction() < share,
    pick: (among) => {
      const at = Math.floor(fraction() * among.length)
      const picked = among[at]
      if (picked === undefined && at >= among.length) throw new Error('nothing to pick from')
      return picked as (typeof among)[number]
    },
    some: (among, most) => {
      const wanted = random.between(1, Math.max(1, Math.min(most, among.length)))
      const left = [...among]
      while (left.length > wanted) left.splice(Math.floor(fraction() * left.length), 1)
      return left
    },
    word: (alphabet, length) =>
      Array.from({ length }, () => alphabet[Math.floor(fraction() * alphabet.length)]).join(''),
  }
  return random
}

/** FNV-1a over the name, begun with the seed. */
function mix(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) >>> 0
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}
