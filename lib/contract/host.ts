import { z } from 'zod'
import { identifier, instant, name, reason } from './scalars.ts'

export const hostState = z.enum(['active', 'draining', 'quarantined', 'disabled', 'destroyed'])

export const level = z.enum(['process', 'user', 'cgroup'])

export const slotState = z.enum(['free', 'held', 'dirty', 'withheld', 'broken'])

const slot = z.strictObject({
  number: z.int(),
  state: slotState,
  epoch: z.int(),
  lease: identifier.optional(),
  warm: z.array(z.string()).describe('Working copies that stand on it, the one used last first'),
  tainted: z
    .boolean()
    .optional()
    .describe('Code that nobody vouches for ran on it since its copies were made anew'),
})

const probe = z.strictObject({
  at: instant,
  passed: z.boolean(),
  git: z.string().optional(),
  diskFreeBytes: z.number().optional(),
  diskTotalBytes: z.number().optional(),
  clockSkewSeconds: z.number().optional().describe('At least; above 0: the host is ahead'),
  trouble: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
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
    suspicionsInARow: z.int().optional().describe('Holders in a row who suspect it'),
    isolation: level.optional().describe('As it was probed last; not there: never yet'),
    lastSeenAt: instant.optional(),
    probe: probe.optional().describe('The last one'),
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
