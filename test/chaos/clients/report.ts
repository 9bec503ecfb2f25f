/** What one client saw of the one lease that it wanted. */
export interface JobReport {
  /** Its Idempotency-Key. */
  readonly key: string
  /** The different leases that answers to the key named: one, or something is wrong. */
  readonly leases: readonly string[]
  /** Different lease tokens among those answers. */
  readonly tokens: number
  /** When a POST was first answered, epoch milliseconds. */
  readonly standsFrom: number
  /** POSTs with the key that it sent beyond the first one, on purpose or because no answer came. */
  readonly repeated: number
  /** Of those, answered ones: replays. */
  readonly replayed: number
  /** Requests of all kinds that the service failed (5xx) or did not answer: how -> how many. */
  readonly failed: Readonly<Record<string, number>>
  readonly end: 'released' | 'forgotten' | 'lost'
  /** What went wrong for it, where something did. */
  readonly trouble?: string
}
