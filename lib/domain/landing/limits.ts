const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Times in milliseconds. */
export const LANDING = {
  /** Of a commit message, in bytes of UTF-8. */
  message: 65_536,
  /** Steps, and the bytes of all their scripts. */
  steps: 20,
  scripts: 100_000,
  /** All steps together may take so long. */
  verify: 4 * HOUR,
  /** Times that the branch may move under it; then somebody else's pushes are too many. */
  moves: 5,
  /** Leases that may be lost under it. */
  losses: 3,
  /** From its turn on, the time of its steps not counted: whoever takes longer gives the branch to the next. */
  turn: HOUR,
  /** A remote that does not answer is asked so long, and so is a host that has no time for the push. */
  patience: 15 * MINUTE,
  /** A host that nobody reaches is asked so long before its lease is given up. */
  unreachable: MINUTE,
  /** Who has the turn waits so long for a free permit: his tenant's quota is not for the others of the branch to pay. */
  permit: 2 * MINUTE,
  wait: 24 * HOUR,
  /** When the sweep looks at it: first, in the queue, and while something is done about it. */
  first: 30 * SECOND,
  queued: 10 * MINUTE,
  busy: 2 * MINUTE,
} as const
