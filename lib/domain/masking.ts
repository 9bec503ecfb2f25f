/** Shorter values hide nothing: they would be found everywhere. Bytes. */
export const LEAST_MASKED = 4
const STAR = 0x2a

/** A secret's bytes, with the table of Knuth, Morris and Pratt: at most two steps for each byte of output. */
export interface Needle {
  readonly bytes: Uint8Array
  /** For each length of a match so far, the next shorter one that is also possible. */
  readonly shorter: readonly number[]
}

/** Output that may still become part of a secret: not to be handed on before more has come. */
export interface Held {
  readonly bytes: Uint8Array
  /** Those that a secret was already found in. */
  readonly hidden: Uint8Array
}

export const NOTHING_HELD: Held = { bytes: new Uint8Array(), hidden: new Uint8Array() }

/** What to look for: the values, and each line of a value with several, as programs print them one by one. */
export function needlesOf(values: readonly string[]): readonly Needle[] {
  const texts = new Set(values.flatMap((value) => [value, ...value.split(/\r?\n/)]))
  const encoder = new TextEncoder()
  return [...texts]
    .map((text) => encoder.encode(text))
    .filter((bytes) => bytes.length >= LEAST_MASKED)
    .map((bytes) => ({ bytes, shorter: shorterMatches(bytes) }))
}

function shorterMatches(bytes: Uint8Array): number[] {
  const shorter = [0, 0]
  for (let at = 1; at < bytes.length; at++) shorter.push(step(bytes, shorter, shorter[at] ?? 0, bytes[at]))
  return shorter
}

/** Length of the match after one more byte. */
function step(
  bytes: Uint8Array,
  shorter: readonly number[],
  matched: number,
  byte: number | undefined,
): number {
  let length = matched
  while (length > 0 && bytes[length] !== byte) length = shorter[length] ?? 0
  return bytes[length] === byte ? length + 1 : 0
}

/**
 * Replaces each byte of a secret by a star, so that offsets stay what they are. What a secret may have begun in is
 * held back, unless nothing comes after it.
 */
export function mask(
  needles: readonly Needle[],
  before: Held,
  more: Uint8Array,
  last: boolean,
): { readonly ready: Uint8Array; readonly held: Held } {
  if (needles.length === 0) return { ready: more, held: NOTHING_HELD }
  const bytes = joined(before.bytes, more)
  const hidden = joined(before.hidden, new Uint8Array(more.length))
  const begun = Math.max(0, ...needles.map((needle) => hide(needle, bytes, hidden)))
  const cut = bytes.length - (last ? 0 : begun)
  const ready = bytes.slice(0, cut)
  for (let at = hidden.indexOf(1); at >= 0 && at < cut; at = hidden.indexOf(1, at + 1)) ready[at] = STAR
  return { ready, held: { bytes: bytes.slice(cut), hidden: hidden.slice(cut) } }
}

/** Marks where the needle is; answers how many of the last bytes it may begin with. */
function hide({ bytes: wanted, shorter }: Needle, bytes: Uint8Array, hidden: Uint8Array): number {
  let matched = 0
  let marked = 0
  for (let at = 0; at < bytes.length; at++) {
    if (matched === 0) {
      at = bytes.indexOf(wanted[0] ?? 0, at)
      if (at < 0) return 0
    }
    matched = step(wanted, shorter, matched, bytes[at])
    if (matched < wanted.length) continue
    hidden.fill(1, Math.max(marked, at + 1 - wanted.length), at + 1)
    marked = at + 1
    matched = shorter[matched] ?? 0
  }
  return matched
}

/** Output that begins somewhere in the middle: the end of a secret that began before it is hidden too. */
export function heldBeginning(needles: readonly Needle[], bytes: Uint8Array): Held {
  const hidden = new Uint8Array(bytes.length)
  for (const { bytes: wanted } of needles) {
    for (let from = 1; from < wanted.length; from++) {
      const end = wanted.subarray(from)
      if (!end.every((byte, at) => bytes[at] === byte)) continue
      hidden.fill(1, 0, end.length)
      break
    }
  }
  return { bytes, hidden }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}
