import type { Keep } from './working-copy.ts'

/** Defaults and maxima, in milliseconds. A blueprint may narrow them, never widen. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

export const DEFAULTS = {
  ttl: 10 * MINUTE,
  maxHold: 4 * HOUR,
  wait: HOUR,
  activationTime: 15 * MINUTE,
  yields: 1_000,
  leasesPerTenant: 1_000,
} as const

export const MAXIMA = {
  ttl: HOUR,
  maxHold: 24 * HOUR,
  wait: 24 * HOUR,
  keepFor: 4 * HOUR,
  activationTime: 2 * HOUR,
  yields: 10_000,
} as const

export const MINIMA = { ttl: MINUTE, maxHold: MINUTE, wait: SECOND, keepFor: MINUTE } as const

/** One step of priority is worth ten minutes of age, so more would be hours. */
export const PRIORITIES = { lowest: -10, highest: 10 } as const

/** Queues that one lease may wait in. */
export const POOLS_PER_LEASE = 4

/** When the sweep looks again after a step that should have been followed by another one. */
export const TIMERS = {
  step: 30 * SECOND,
  /** A cleaning that nobody finished leaves a dirty slot. */
  cleaning: 10 * MINUTE,
} as const

/** Activations that may fail by a host's fault before the lease breaks. */
export const TRIES = 3

/** How long working copies stay warm, and how many on a slot. */
export const KEEP: Keep = { idle: 7 * 24 * HOUR, perSlot: 3 }

/** A new copy is measured when its slot has been idle for so long; each slot is looked at so often. */
export const MEASURE_AFTER = 10 * MINUTE
export const SURVEY_EVERY = 24 * HOUR

/** Leases in a row that a host may fail before it is quarantined. */
export const FAILURES = 3

/** Ended leases stay readable this long; then TTL may collect them. */
export const KEEP_ENDED = 30 * 24 * HOUR

/** What a blueprint narrows; milliseconds, but for the number of yields and the bytes of output of one command. */
export interface Limits {
  readonly ttl?: number
  readonly maxHold?: number
  readonly wait?: number
  readonly keepFor?: number
  readonly activationTime?: number
  readonly yields?: number
  readonly output?: number
}

/** What a request asks for; milliseconds. */
export interface Asked {
  readonly ttl?: number
  readonly maxHold?: number
  readonly wait?: number
  /** After a failure. */
  readonly keepFor?: number
}

export interface Granted {
  readonly ttl: number
  readonly maxHold: number
  readonly wait: number
  readonly keepFor?: number
  readonly activationTime: number
  readonly yields: number
  readonly output?: number
}

export type Judged =
  | { readonly granted: Granted }
  | { readonly above: Duration; readonly most: number }
  | { readonly below: Duration; readonly least: number }

type Duration = 'ttl' | 'maxHold' | 'wait' | 'keepFor'

/**
 * The request's durations if the blueprint allows them, else which one is above or below what. Never silently changed.
 */
export function judge(asked: Asked, limits: Limits): Judged {
  const most = {
    ttl: Math.min(limits.ttl ?? MAXIMA.ttl, MAXIMA.ttl),
    maxHold: Math.min(limits.maxHold ?? MAXIMA.maxHold, MAXIMA.maxHold),
    wait: Math.min(limits.wait ?? MAXIMA.wait, MAXIMA.wait),
    keepFor: Math.min(limits.keepFor ?? MAXIMA.keepFor, MAXIMA.keepFor),
  }
  for (const what of ['ttl', 'maxHold', 'wait', 'keepFor'] as const) {
    const wish = asked[what]
    if (wish !== undefined && wish > most[what]) return { above: what, most: most[what] }
    if (wish !== undefined && !(wish >= MINIMA[what])) return { below: what, least: MINIMA[what] }
  }
  const pick = (what: 'ttl' | 'maxHold' | 'wait') => asked[what] ?? Math.min(DEFAULTS[what], most[what])
  const activationTime = Math.min(limits.activationTime ?? DEFAULTS.activationTime, MAXIMA.activationTime)
  const yields = Math.min(limits.yields ?? DEFAULTS.yields, MAXIMA.yields)
  const output = limits.output === undefined ? {} : { output: limits.output }
  const keep = asked.keepFor === undefined ? {} : { keepFor: asked.keepFor }
  return {
    granted: {
      ttl: pick('ttl'),
      maxHold: pick('maxHold'),
      wait: pick('wait'),
      activationTime,
      yields,
      ...output,
      ...keep,
    },
  }
}
