import { z } from 'zod'
import { hostState, slotState } from './host.ts'
import { leaseStatus } from './lease.ts'
import { identifier, instant, name } from './scalars.ts'

const holder = z.strictObject({
  status: leaseStatus,
  since: instant.optional().describe('Since it may use the slot, or was given it'),
  until: instant.optional().describe('It expires then, unless it is renewed'),
  atMostUntil: instant.optional().describe('The latest that it can be renewed to'),
  lease: z
    .strictObject({ id: identifier, tenant: z.string(), owner: z.string() })
    .optional()
    .describe('Only for operators and its own tenant'),
})

const host = z.strictObject({
  host: name,
  state: hostState,
  reason: z.string().optional(),
  blocked: z
    .enum(['free', 'slots_held', 'slots_not_clean', 'draining', 'quarantined', 'disabled', 'destroyed'])
    .describe('Why none of its slots is given to the lease; free: it has one'),
  slots: z.array(z.strictObject({ number: z.int(), state: slotState, holder: holder.optional() })),
})

const BLOCKED = `Why it waits in this pool. blueprint_disabled: by an operator. no_hosts: the pool has none. \
no_host_gives_leases: all are draining, quarantined or disabled. slots_not_clean: none could be confirmed clean yet. \
queue: others are ahead. slots_held: it is next, and every slot is in use. being_served: a slot is free and on its way.`

const pool = z.strictObject({
  pool: name,
  rank: z.int().describe('1 = next'),
  blocked: z
    .enum([
      'blueprint_disabled',
      'no_hosts',
      'no_host_gives_leases',
      'slots_not_clean',
      'slots_held',
      'queue',
      'being_served',
    ])
    .describe(BLOCKED),
  meanHoldSeconds: z.number().optional().describe('Of recent leases; not there until one has ended'),
  expectedAt: instant
    .optional()
    .describe('When its turn may be expected, from recent holds; not there where that would be a guess'),
  hosts: z.array(host),
})

export const explanation = z
  .strictObject({
    leaseId: identifier,
    status: leaseStatus,
    at: instant.describe('All of this is as it was then'),
    summary: z.string().describe('For people'),
    expectedAt: instant.optional().describe('The earliest of its pools'),
    pools: z.array(pool).describe('One for each queue that it stands in; empty where it waits for no slot'),
  })
  .meta({ id: 'Explanation' })
export type Explanation = z.infer<typeof explanation>
