import { z } from 'zod'
import { leaseEvent } from './lease.ts'
import { identifier, instant, name } from './scalars.ts'

/** Host, slot and epoch: it says itself where it is. */
export const copyIdentifier = z
  .string()
  .regex(/^[a-z0-9-]{1,63}\.\d{1,3}\.\d{1,12}$/, 'not the id of a working copy')

export const copyState = z.enum(['pending', 'active', 'released', 'broken', 'destroyed'])

export const workingCopy = z
  .strictObject({
    id: copyIdentifier,
    state: copyState,
    host: name,
    slot: z.int(),
    pool: name,
    blueprint: name.describe('Of the lease that had it last'),
    repositories: z.array(
      z.strictObject({
        repository: name,
        directory: z.string().optional().describe('Within the copy; not there: the copy itself'),
        commit: z.string().optional().describe('Handed out last'),
      }),
    ),
    lease: identifier.optional().describe('That has it, or had it last'),
    bytes: z.int().optional().describe('On the disk, when it was last measured'),
    createdAt: instant,
    usedAt: instant.optional().describe('When a lease got it last, or gave it back'),
    expiresAt: instant.optional().describe('It goes then, unless a lease uses it before'),
    reason: z.string().optional().describe('Why it goes, or went'),
    destroyedAt: instant.optional(),
    events: z.array(leaseEvent),
  })
  .meta({ id: 'WorkingCopy' })
export type WorkingCopy = z.infer<typeof workingCopy>

export const workingCopyFilter = z.strictObject({
  host: name.optional(),
  blueprint: name.optional(),
  repository: name.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional().describe('As it came with the page before'),
})
export type WorkingCopyFilter = z.input<typeof workingCopyFilter>

export const workingCopyPage = z
  .strictObject({ workingCopies: z.array(workingCopy), cursor: z.string().optional() })
  .meta({ id: 'WorkingCopyPage' })
export type WorkingCopyPage = z.infer<typeof workingCopyPage>
