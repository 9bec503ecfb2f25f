import type { Lease } from './lease.ts'

/** Seconds after a deadline at which an execution looks; too early a look costs one more visit, and no more. */
const LATE = 1

/**
 * Where the execution of a lease in this state goes next. Seconds are whole and at least 1.
 * `OVERDUE` = a deadline has passed; the caller makes the transition and asks again.
 */
export type LeaseRoute =
  | { readonly route: 'WAIT'; readonly timeoutSeconds: number }
  | { readonly route: 'ACTIVATE' }
  | { readonly route: 'HOLD'; readonly timeoutSeconds: number; readonly heartbeatSeconds: number }
  | { readonly route: 'KEEP'; readonly timeoutSeconds: number }
  | { readonly route: 'DESTROY' }
  | { readonly route: 'DONE' }
  | { readonly route: 'OVERDUE' }

export function routeOf(lease: Lease, now: number): LeaseRoute {
  switch (lease.status) {
    case 'pending':
      return now >= lease.waitDeadline
        ? { route: 'OVERDUE' }
        : { route: 'WAIT', timeoutSeconds: seconds(lease.waitDeadline - now) + LATE }
    case 'acquired':
      return now >= lease.activationDeadline ? { route: 'OVERDUE' } : { route: 'ACTIVATE' }
    case 'active': {
      if (now >= lease.expiresAt) return { route: 'OVERDUE' }
      const timeoutSeconds = seconds(lease.maxExpiresAt - now) + 30
      const heartbeatSeconds = Math.min(seconds(lease.expiresAt - now) + LATE, timeoutSeconds - 1)
      return { route: 'HOLD', timeoutSeconds, heartbeatSeconds }
    }
    case 'kept':
      return now >= lease.holdUntil
        ? { route: 'OVERDUE' }
        : { route: 'KEEP', timeoutSeconds: seconds(lease.holdUntil - now) + LATE }
    case 'released':
    case 'broken':
      return { route: 'DESTROY' }
    case 'destroyed':
      return { route: 'DONE' }
  }
}

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1_000))
