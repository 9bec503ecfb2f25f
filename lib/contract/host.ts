import { z } from 'zod'
import { identifier, instant, name, reason } from './scalars.ts'

export const hostState = z.enum(['active', 'draining', 'quarantined', 'disabled', 'destroyed'])

export const slotState = z.enum(['free', 'held', 'dirty', 'withheld', 'broken'])

const slot = z.strictObject({
  number: z.int(),
  state: slotState,
  epoch: z.int(),
  lease: identifier.optional(),
  warm: z.array(z.string()).describe('Working copies that stand on it, the one used last first'),
})

export const host = z
  .strictObject({
    name,
    state: hostState,
    reason: z.string().optional().describe('Why it is in this state, or what went wrong last'),
    changed: z
      .strictObject({
        by: z.string(),
        at: instant,
        untilAt: instant.optional().describe('Then it gives leases again by itself'),
      })
      .optional()
      .describe('Who put it into this state, and when'),
    failuresInARow: z.int(),
    isolation: z.enum(['process', 'user', 'cgroup']).optional(),
    lastSeenAt: instant.optional(),
    slots: z.array(slot),
  })
  .meta({ id: 'Host' })
export type Host = z.infer<typeof host>

export const drainRequest = z
  .strictObject({
    reason,
    until: instant
      .optional()
      .describe('ISO 8601, UTC; then it gives leases again. Default: when it is returned'),
  })
  .meta({ id: 'DrainRequest' })
export type DrainRequest = z.input<typeof drainRequest>

export const lossRequest = z.strictObject({ reason }).meta({ id: 'LossRequest' })
export type LossRequest = z.input<typeof lossRequest>
