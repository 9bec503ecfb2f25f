/** Names under which functions count and alarms look: both sides import them from here. */
export const METRICS = {
  namespace: 'Drydock',
  dimension: 'Part',
  /** Of the audit: everything that it had to mend. */
  mended: 'Mended',
  /** Of the sweep: hosts that give no leases by our own judgement, at that moment. */
  quarantined: 'Quarantined',
} as const
