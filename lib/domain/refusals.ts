/**
 * A refusal is a value: what was asked cannot be given, and the code says why. HTTP, CLI and runbook share the codes.
 * Exceptions are kept for our own faults.
 */
export const REFUSALS = {
  malformed: 'The request is not of the form that the route takes.',
  bad_cursor: 'This cursor was not made here.',
  unauthenticated: 'No valid token came with the request.',
  not_authorized: 'The token does not allow this.',
  not_found: 'There is no such thing, or it is not yours.',
  already_ended: 'The command has ended; there is nothing to cancel.',
  beyond_end: 'The output is not that long.',
  lease_lost: 'The lease has ended; it cannot be used or renewed any more.',
  not_active: 'The lease is not active yet.',
  past_maximum: 'The lease cannot be extended beyond its hard maximum.',
  conflict: 'Something changed meanwhile; read again and decide.',
  not_removed: 'The change would remove things and was not told to.',
  in_use: 'It still has living leases.',
  copy_leased: 'A lease uses this working copy; it goes when nobody does.',
  key_required: 'This request needs an Idempotency-Key header.',
  key_reused: 'This Idempotency-Key was used with another request.',
  unknown_blueprint: 'There is no such blueprint.',
  unknown_type: 'There is no such type of resource.',
  unknown_pool: 'There is no such pool.',
  unknown_priority: 'There is no such priority.',
  unknown_repository: 'There is no such repository; leases name registered repositories only.',
  too_many_pools: 'A lease waits in four queues at most.',
  bad_environment: 'A variable cannot be given to a program.',
  bad_argument: 'An argument cannot be given to a program.',
  bad_directory: 'A command runs inside its working copy only.',
  too_many_variables: 'The environment has too many variables.',
  too_short: 'A duration is below what is possible.',
  too_long: 'A duration is above what is allowed.',
  bad_collection: 'These repositories cannot lie side by side.',
  bad_ref: 'This is no name of a branch, tag, ref or commit.',
  not_landable: 'Nobody lands in this repository: its operators have not said who may.',
  branch_not_allowed: 'Nobody lands on this branch.',
  message_too_large: 'The message of the commit is too large.',
  push_begun: 'The landing is being pushed; it cannot be called back any more.',
  impossible: 'No host could ever serve this.',
  no_script: 'A step has no script.',
  too_many_steps: 'A build has 1 to 50 steps.',
  bad_webhook: 'This address cannot be told of the end of a build.',
  quota_exceeded: 'The tenant has as many living leases as it may.',
  too_large: 'The request body is too large.',
  unavailable: 'The service cannot answer now; try again.',
} as const

export type RefusalCode = keyof typeof REFUSALS

export interface Refusal {
  readonly refused: RefusalCode
  /** For people; never a claim's value, a secret or a stack. */
  readonly detail: string
  readonly leaseId?: string
  /** Nearest valid names, fields at fault and the like. */
  readonly hints?: Readonly<Record<string, string | number | readonly string[]>>
  readonly retryAfterSeconds?: number
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })

export const refuse = (
  code: RefusalCode,
  detail: string,
  more: Omit<Refusal, 'refused' | 'detail'> = {},
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { refused: code, detail, ...more },
})
