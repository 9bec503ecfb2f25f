import type { ActiveLease, Lease } from '../../domain/lease.ts'

/** Seconds; a wait shorter than this is not worth its Lambda. */
const SHORTEST = 5

const seconds = (milliseconds: number): number => Math.max(SHORTEST, Math.ceil(milliseconds / 1_000))

/** The longest that an execution waits without a look, so that a lost word costs no more than a third of the ttl. */
export const beatOf = ({ ttl }: Pick<Lease, 'ttl'>): number => seconds(ttl / 3)

/** Whether a third of what the lease was given is gone. */
export const isRenewalDue = ({ ttl, expiresAt }: ActiveLease, now: number): boolean =>
  expiresAt - now <= (ttl * 2) / 3

/** Until a third of the ttl is gone; where it cannot be renewed any more, until its end. */
export function untilRenewal(lease: ActiveLease, now: number): number {
  const { ttl, expiresAt, maxExpiresAt } = lease
  if (expiresAt >= maxExpiresAt) return seconds(expiresAt - now + 1_000)
  return seconds(Math.min(ttl / 3, expiresAt - now - (ttl * 2) / 3))
}
