import { z } from 'zod'
import { identifier, instant, name, wait, wellFormed } from './scalars.ts'

const text = wellFormed.refine((value) => !value.includes('\u0000'), 'a NUL cannot be passed to a program')

const environment = z
  .record(
    z.string().regex(/^(?!DRYDOCK_)[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'a name of a variable, not DRYDOCK_...'),
    text.max(32_000),
  )
  .refine((record) => Object.keys(record).length <= 200, 'at most 200 variables')
  .default({})

/** What may be asked for is judged by the use case, which has a code for each refusal; the document shows the range. */
const asked = (minimum: number, maximum: number) => z.int().meta({ minimum, maximum })

const stepRequest = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^\p{Cc}]{1,100}$/u, '1 to 100 characters, none of them a control character')
      .optional()
      .describe('Default: its number'),
    script: text
      .optional()
      .meta({ maxLength: 100_000 })
      .describe(
        'Becomes a file that is executed: by the interpreter that its first line names, else by `sh -e`',
      ),
    environment,
    timeoutSeconds: asked(1, 86_400).optional().describe('Default 3,600, or what the lease may last'),
    continueOnError: z.boolean().default(false).describe('Its failure is not the failure of the build'),
    always: z.boolean().default(false).describe('Runs after a failed step too; not after an abort'),
  })
  .meta({ id: 'BuildStepRequest' })

export const buildRequest = z
  .strictObject({
    repository: name,
    commit: wellFormed
      .max(1_000)
      .optional()
      .describe('Whole commit id, branch, tag or ref; default: the default branch'),
    blueprint: name.optional().describe('Default: one for working copies that allows you'),
    type: wellFormed
      .max(200)
      .meta({ enum: ['working-copy'] })
      .optional(),
    pools: z.array(name).min(1).meta({ maxItems: 4 }).optional(),
    priority: z.int().default(0).meta({ minimum: -10, maximum: 10 }),
    ttlSeconds: asked(60, 3_600).optional().describe('Of the lease; the build renews it'),
    waitSeconds: asked(1, 86_400).optional().describe('Longest wait for a slot'),
    maxHoldSeconds: asked(60, 86_400).optional().describe('Hard maximum of the whole build, from its start'),
    environment: environment.describe('For every step; a step may say otherwise'),
    steps: z
      .array(stepRequest)
      .meta({ minItems: 1, maxItems: 50 })
      .describe('Run in order in one working copy'),
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('New generations that it may begin by itself when its lease is lost'),
    webhook: z
      .strictObject({ url: z.string().max(2_000) })
      .optional()
      .describe("Told of the build's end, signed as Standard Webhooks with the tenant's secret"),
    note: wellFormed.max(200).optional(),
  })
  .meta({ id: 'BuildRequest' })
export type BuildRequest = z.input<typeof buildRequest>

export const buildStatus = z.enum(['waiting', 'running', 'releasing', 'ended'])
export const buildOutcome = z.enum(['succeeded', 'failed', 'aborted', 'infrastructure'])

const buildStep = z
  .strictObject({
    number: z.int(),
    name: z.string(),
    status: z.enum(['waiting', 'running', 'succeeded', 'failed', 'lost', 'stopped', 'skipped']),
    timeoutSeconds: z.int(),
    continueOnError: z.boolean(),
    always: z.boolean(),
    command: z.int().optional().describe('Its number in the lease'),
    cause: z.string().optional().describe('Why its command ended'),
    exitCode: z.int().optional(),
    detail: z.string().optional(),
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    output: z.string().describe('Where its output is'),
  })
  .meta({ id: 'BuildStep' })

export const build = z
  .strictObject({
    id: identifier,
    status: buildStatus,
    version: z.int(),
    generation: z.int().describe('Counts from 1; a restart is a new one'),
    tenant: z.string(),
    owner: z.string(),
    repository: name,
    commit: z.string().optional().describe('As it was asked for'),
    source: z
      .strictObject({ commit: z.string(), tree: z.string() })
      .optional()
      .describe('What is built: proven by the receipt of the lease'),
    leaseId: identifier,
    priority: z.int(),
    note: z.string().optional(),
    retriesLeft: z.int(),
    outcome: buildOutcome.optional().describe('From the moment that it is known'),
    reason: z.string().optional(),
    detail: z.string().optional(),
    steps: z.array(buildStep),
    waiting: z
      .strictObject({ position: z.int(), pool: name, because: z.string() })
      .optional()
      .describe('While its lease stands in the queue'),
    webhook: z
      .strictObject({
        url: z.string(),
        status: z.enum(['none', 'pending', 'delivered', 'failed']),
        tries: z.int(),
        detail: z.string().optional(),
      })
      .optional(),
    createdAt: instant,
    startedAt: instant.optional(),
    finishedAt: instant.optional().describe('The last step ended, or whatever ended the build happened'),
    endedAt: instant.optional().describe('Nothing of its lease was left'),
    execution: z.strictObject({ arn: z.string(), link: z.url().optional() }),
  })
  .meta({ id: 'Build' })
export type Build = z.infer<typeof build>

export const buildFilter = z.strictObject({
  status: buildStatus.optional(),
  outcome: buildOutcome.optional(),
  repository: name.optional(),
  tenant: z.string().min(1).max(200).optional(),
  owner: z.string().min(1).max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional().describe('As it came with the page before'),
})
export type BuildFilter = z.input<typeof buildFilter>

export const buildPage = z
  .strictObject({ builds: z.array(build), cursor: z.string().optional() })
  .meta({ id: 'BuildPage' })
export type BuildPage = z.infer<typeof buildPage>

export const buildOutputQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Byte offset in the output of all steps'),
  step: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Only this step; offsets count from its beginning then'),
  wait,
})
export type BuildOutputQuery = z.input<typeof buildOutputQuery>

export const buildOutput = z
  .strictObject({
    generation: z.int().describe('Offsets count in one generation'),
    chunks: z.array(
      z.strictObject({
        step: z.int(),
        offset: z.int(),
        stream: z.enum(['stdout', 'stderr']),
        base64: z.string().optional(),
        omitted: z.int().optional().describe('Instead of base64: so many bytes were left out here'),
      }),
    ),
    next: z.int().describe('Pass as `after` to go on'),
    ended: z.boolean().describe('True when no step runs any more and nothing is left after `next`'),
  })
  .meta({ id: 'BuildOutput' })
export type BuildOutput = z.infer<typeof buildOutput>

/** What a webhook is posted. */
export const buildEnded = z
  .strictObject({ type: z.literal('build.ended'), timestamp: instant, data: build.omit({ execution: true }) })
  .meta({ id: 'BuildEnded' })
export type BuildEnded = z.infer<typeof buildEnded>
