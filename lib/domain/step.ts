import type { TimelineEvent } from './lease.ts'

/** A transition: the lease as it will be, and the one event that tells of it. Whoever writes it checks the version. */
export interface Step<L> {
  readonly lease: L
  readonly event: TimelineEvent
}

/** Who causes a transition, when, and what made it happen. */
export interface Cause {
  readonly now: number
  readonly actor: string
  readonly cause?: string
}

/** The event of the transition that made this version. */
export function told(
  version: number,
  type: string,
  by: Cause,
  detail?: Readonly<Record<string, string | number | boolean>>,
): TimelineEvent {
  return {
    version,
    at: by.now,
    type,
    actor: by.actor,
    ...(by.cause === undefined ? {} : { cause: by.cause }),
    ...(detail ? { detail } : {}),
  }
}
