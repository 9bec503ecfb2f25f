import { z } from 'zod'
import { level } from './host.ts'
import { identifier, instant, name, reason, seconds, wellFormed } from './scalars.ts'

/** 40 or 64 hex digits, or a branch, tag or ref; the host judges refs with git itself. */
const commit = wellFormed
  .min(1)
  .max(255)
  .regex(/^(?!-)[^\s\p{Cc}~^:?*[\\]+$/u, 'not a commit id, branch, tag or ref')

const mergeWay = z.enum(['merge', 'squash'])
const merges = z.array(z.strictObject({ ref: commit, how: mergeWay.default('merge') })).max(8)

/**
 * What may be asked for is judged by the use case, which knows the blueprint and has a code for each refusal; the
 * document shows the range all the same.
 */
const asked = (minimum: number, maximum: number) => z.int().meta({ minimum, maximum })

export const leaseRequest = z
  .strictObject({
    blueprint: name
      .optional()
      .describe('The recipe that serves this lease, as the operators named it; required without a type'),
    type: wellFormed
      .max(200)
      .meta({ enum: ['host', 'working-copy'] })
      .optional()
      .describe('Without a blueprint, one of this type that allows you is chosen'),
    pools: z
      .array(name)
      .min(1)
      .meta({ maxItems: 4 })
      .optional()
      .describe('Only slots of these pools of the blueprint, at most 4; default: all that it has'),
    repository: name
      .optional()
      .describe('Registered name; required for working copies, not allowed for hosts'),
    commit: commit.optional().describe('Whole commit id, branch, tag or ref; default: the default branch'),
    merges: merges.optional().describe('Put on top of the commit, one after the other'),
    repositories: z
      .array(
        z.strictObject({
          repository: name,
          directory: z
            .string()
            .max(64)
            .optional()
            .describe("One name within the working copy; default: the repository's"),
          commit: commit.optional(),
          merges: merges.optional(),
        }),
      )
      .min(1)
      .max(8)
      .optional()
      .describe('In place of one: several side by side. Commands run in the first one unless told otherwise'),
    priority: z
      .int()
      .default(0)
      .meta({ minimum: -10, maximum: 10 })
      .describe('One step is worth ten minutes of age; higher goes first'),
    ttlSeconds: asked(60, 3_600).optional().describe('Life after each renewal'),
    waitSeconds: asked(1, 86_400)
      .optional()
      .describe('Longest wait for a slot; then the lease ends with wait_timeout'),
    maxHoldSeconds: asked(60, 86_400).optional().describe('Hard maximum from activation'),
    onFailure: z
      .strictObject({ holdSeconds: asked(60, 14_400) })
      .optional()
      .describe('Released with outcome failed, it keeps slot and copy so long for a look'),
    note: wellFormed.max(200).optional().describe('Shown to operators, e.g. the link of the CI job'),
  })
  .meta({ id: 'LeaseRequest' })
export type LeaseRequest = z.input<typeof leaseRequest>

export const leaseStatus = z.enum([
  'pending',
  'acquired',
  'active',
  'kept',
  'released',
  'broken',
  'destroyed',
])
export const leaseReason = z.enum([
  'released',
  'expired',
  'cancelled',
  'wait_timeout',
  'request_failed',
  'activation_failed',
  'host_lost',
  'operator',
])

const receipt = z.strictObject({
  commit: z.string(),
  tree: z.string(),
  path: z.string(),
  files: z.int(),
  fetched: z.boolean(),
  milliseconds: z.number(),
  base: z.string().optional().describe('With merges: the commit that was asked for'),
  merged: z
    .array(z.strictObject({ ref: z.string(), how: mergeWay, commit: z.string() }))
    .optional()
    .describe('What was put on top of it; `commit` and `tree` are what came of it'),
})
const receipts = receipt.extend({
  beside: z.record(z.string(), receipt).optional().describe('Of a collection: the others, by directory'),
})

const conflict = z.strictObject({
  repository: name,
  phase: z.string().describe('`merge` or `squash`'),
  ref: z.string(),
  files: z.array(z.string()),
  truncated: z.boolean().describe('There are more files'),
  stderr: z.string(),
})

export const lease = z
  .strictObject({
    id: identifier,
    status: leaseStatus,
    version: z.int(),
    type: z.enum(['host', 'working-copy']),
    tenant: z.string(),
    owner: z.string(),
    blueprint: name,
    pools: z.array(name),
    priority: z.int(),
    repository: name.optional(),
    commit: z.string().optional(),
    merges: merges.optional(),
    repositories: z
      .array(
        z.strictObject({
          repository: name,
          directory: z.string(),
          commit: z.string(),
          merges: merges.optional(),
        }),
      )
      .optional()
      .describe('Of a collection, the default first'),
    note: z.string().optional(),
    onFailure: z.strictObject({ holdSeconds: z.int() }).optional(),
    createdAt: instant,
    waitDeadline: instant,
    ttlSeconds: z.int(),
    maxHoldSeconds: z.int(),
    tries: z.int().describe('Activations that failed by a host'),
    failures: z.array(z.strictObject({ host: name, code: z.string(), detail: z.string() })),
    waiting: z
      .strictObject({
        position: z.int().describe('1 = next'),
        pool: name,
        because: z.string().describe('Why it waits, for people'),
      })
      .optional()
      .describe('While pending'),
    slot: z.strictObject({ host: name, number: z.int() }).optional(),
    epoch: z.int().optional(),
    activationDeadline: instant.optional(),
    activatedAt: instant.optional(),
    expiresAt: instant.optional(),
    maxExpiresAt: instant.optional(),
    holdUntil: instant.optional().describe('While kept after a failure'),
    isolation: level.optional().describe('At which its jobs run; not below what its blueprint names'),
    trust: z.enum(['trusted', 'untrusted']),
    receipt: receipts.optional(),
    workingCopy: z.string().optional().describe('Id of the working copy that it had'),
    reason: leaseReason.optional(),
    detail: z.string().optional(),
    conflict: conflict.optional().describe('Why a merge could not be made'),
    endedAt: instant.optional(),
    destroyedAt: instant.optional(),
    execution: z.strictObject({ arn: z.string(), link: z.url().optional() }),
  })
  .meta({ id: 'Lease' })
export type Lease = z.infer<typeof lease>

export const createdLease = lease
  .extend({ token: z.string().describe('The lease token: renews, runs and releases. Keep it secret.') })
  .meta({ id: 'CreatedLease' })
export type CreatedLease = z.infer<typeof createdLease>

export const leaseFilter = z.strictObject({
  status: leaseStatus.optional(),
  blueprint: name.optional(),
  pool: name.optional(),
  tenant: z.string().min(1).max(200).optional(),
  owner: z.string().min(1).max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional().describe('As it came with the page before'),
})
export type LeaseFilter = z.input<typeof leaseFilter>

export const leasePage = z
  .strictObject({ leases: z.array(lease), cursor: z.string().optional() })
  .meta({ id: 'LeasePage' })
export type LeasePage = z.infer<typeof leasePage>

export const renewRequest = z
  .strictObject({ ttlSeconds: seconds(60, 3_600).optional() })
  .meta({ id: 'RenewRequest' })

export const extendRequest = z
  .strictObject({
    extendSeconds: seconds(60, 86_400).describe('From now, also past the hard maximum'),
    reason,
  })
  .meta({ id: 'ExtendRequest' })
export type ExtendRequest = z.input<typeof extendRequest>

export const releaseRequest = z
  .strictObject({ outcome: z.enum(['ok', 'failed', 'host_suspect']).default('ok') })
  .meta({ id: 'ReleaseRequest' })
export type ReleaseRequest = z.input<typeof releaseRequest>

export const leaseEvent = z.strictObject({
  version: z.int(),
  at: instant,
  type: z.string(),
  actor: z.string(),
  cause: z.string().optional(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export const leaseEvents = z.strictObject({ events: z.array(leaseEvent) }).meta({ id: 'LeaseEvents' })
export type LeaseEvents = z.infer<typeof leaseEvents>
