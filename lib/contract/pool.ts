import { z } from 'zod'
import { host } from './host.ts'
import { name } from './scalars.ts'

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
    hosts: z.array(host),
  })
  .meta({ id: 'Pool' })
export type Pool = z.infer<typeof pool>

export const pools = z.strictObject({ pools: z.array(pool) }).meta({ id: 'Pools' })
export type Pools = z.infer<typeof pools>
