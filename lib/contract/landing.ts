import { z } from 'zod'
import { identifier, instant, name, seconds, wellFormed } from './scalars.ts'

/** Names of refs are judged by the use case, which has a code for them. */
const ref = wellFormed.max(1_000)

const person = z.strictObject({
  name: wellFormed.regex(/^[^\p{Cc}<>]{1,200}$/u, 'no control characters, no < and >'),
  email: wellFormed.regex(/^[^\p{Cc}<>\s]{1,200}$/u, 'no control characters, no spaces, no < and >'),
})

const withoutNul = wellFormed.refine((value) => !value.includes('\u0000'), 'no NUL')

const verifyStep = z.strictObject({
  name: wellFormed.min(1).max(100),
  script: withoutNul.describe(
    'Run by the interpreter of its `#!` line, else by `sh -e`, in a working copy of the commit that shall be pushed',
  ),
  timeoutSeconds: seconds(1, 86_400)
    .optional()
    .describe('Default: an hour, or as long as its lease may last'),
})

export const strategy = z.enum(['squash', 'merge', 'rebase'])

export const landingRequest = z
  .strictObject({
    repository: name.describe('Registered name; its operators say who may land where'),
    branch: ref.describe('Short name of the branch to land on'),
    source: ref.describe('Whole commit id, branch, tag or ref; pinned by the first merge'),
    strategy: strategy.default('squash'),
    message: withoutNul
      .optional()
      .describe('At most 65,536 bytes. Default: the source’s own; for a merge one that names both'),
    author: person.optional().describe('Default: the source’s; for a merge the committer'),
    committer: person.default({ name: 'Drydock', email: 'drydock@drydock.invalid' }),
    expectedHead: ref.optional().describe('The branch must be at this commit, or nothing is landed'),
    verify: z.array(verifyStep).max(20).default([]).describe('Run in order before the push'),
    dryRun: z.boolean().default(false).describe('Everything but the push, which is only asked for'),
    blueprint: name
      .optional()
      .describe('Of working copies; default: one that allows you and has the repository'),
    priority: z
      .int()
      .default(0)
      .meta({ minimum: -10, maximum: 10 })
      .describe('Of its lease, not of its turn'),
    waitSeconds: z
      .int()
      .optional()
      .meta({ minimum: 1, maximum: 86_400 })
      .describe('Longest wait for its turn; default: a day'),
    note: wellFormed.max(200).optional().describe('Shown to operators'),
  })
  .meta({ id: 'LandingRequest' })
export type LandingRequest = z.input<typeof landingRequest>

export const landingStatus = z.enum([
  'queued',
  'leasing',
  'merging',
  'verifying',
  'pushing',
  'ending',
  'ended',
])

const made = {
  commit: z.string(),
  tree: z.string(),
  source: z.string().describe('The source commit'),
  before: z.string().describe('The head of the branch on which it was made'),
}

export const landing = z
  .strictObject({
    id: identifier,
    status: landingStatus,
    version: z.int(),
    tenant: z.string(),
    owner: z.string(),
    repository: name,
    branch: z.string(),
    source: z.string(),
    strategy,
    message: z.string().optional(),
    author: person.optional(),
    committer: person,
    expectedHead: z.string().optional(),
    dryRun: z.boolean(),
    blueprint: name,
    note: z.string().optional(),
    createdAt: instant,
    waitDeadline: instant,
    position: z.int().optional().describe('While queued; 1 = next'),
    turnAt: instant.optional(),
    leaseId: identifier.optional(),
    moves: z.int().describe('Times that the branch moved under it'),
    losses: z.int().describe('Leases that were lost under it'),
    made: z.array(z.strictObject(made)).describe('Commits that were made for it, oldest first'),
    verify: z.array(z.strictObject({ name: z.string(), timeoutSeconds: z.int() })),
    steps: z
      .array(
        z.strictObject({
          name: z.string(),
          leaseId: identifier,
          command: z.int(),
          cause: z.string(),
          exitCode: z.int().optional(),
        }),
      )
      .describe(
        'Those that ended, the one that failed included, with the command of the lease that has their output',
      ),
    result: z
      .enum(['landed', 'already_landed', 'dry_run', 'conflict', 'failed', 'cancelled'])
      .optional()
      .describe('Once it is known'),
    receipt: z
      .strictObject({ ...made, after: z.string().describe('The head of the branch with it') })
      .optional()
      .describe('Of what landed, or would land'),
    conflict: z
      .strictObject({
        phase: strategy,
        at: z.string().describe('The commit whose changes do not fit'),
        head: z.string(),
        files: z.array(z.string()),
        truncated: z.boolean().describe('There are more files'),
        stderr: z.string(),
      })
      .optional(),
    failure: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
    alreadyIn: z.string().optional().describe('The head of the branch that has the changes already'),
    cancelledBy: z.string().optional(),
    endedAt: instant.optional(),
    execution: z.strictObject({ arn: z.string(), link: z.url().optional() }),
  })
  .meta({ id: 'Landing' })
export type Landing = z.infer<typeof landing>

export const landingFilter = z.strictObject({
  status: landingStatus.optional(),
  repository: name.optional(),
  branch: z.string().min(1).max(255).optional(),
  tenant: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional().describe('As it came with the page before'),
})

export const landingPage = z
  .strictObject({ landings: z.array(landing), cursor: z.string().optional() })
  .meta({ id: 'LandingPage' })
export type LandingPage = z.infer<typeof landingPage>
