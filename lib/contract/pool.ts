import { z } from 'zod'
import { identifier, instant, name } from './scalars.ts'

const slot = z.strictObject({
  number: z.int(),
  state: z.enum(['free', 'held', 'dirty', 'withheld', 'broken']),
  epoch: z.int(),
  lease: identifier.optional(),
  warm: z.array(name),
})

export const pool = z
  .strictObject({
    name,
    waiting: z.int(),
    oldestWaitSeconds: z.number().optional(),
    slots: z.strictObject({
      total: z.int(),
      free: z.int(),
      held: z.int(),
      dirty: z.int(),
      withheld: z.int(),
      broken: z.int(),
    }),
    hosts: z.array(
      z.strictObject({
        name,
        state: z.enum(['active', 'draining', 'quarantined', 'disabled', 'destroyed']),
        reason: z.string().optional(),
        failuresInARow: z.int(),
        isolation: z.enum(['process', 'user', 'cgroup']).optional(),
        lastSeenAt: instant.optional(),
        slots: z.array(slot),
      }),
    ),
  })
  .meta({ id: 'Pool' })
export type Pool = z.infer<typeof pool>

export const pools = z.strictObject({ pools: z.array(pool) }).meta({ id: 'Pools' })
export type Pools = z.infer<typeof pools>
