import { z } from 'zod'
import { instant, wellFormed } from './scalars.ts'

/** What may be asked for is judged by the use case, which has a code for each refusal; the document shows the range. */
const variables = z.record(z.string(), wellFormed).meta({ maxProperties: 500 })

export const commandRequest = z
  .strictObject({
    argv: z.array(wellFormed).min(1).max(1_000).describe('Executed as it is; no shell unless argv[0] is one'),
    environment: variables
      .default({})
      .describe('Names of letters, digits and _; at most 131,071 bytes each, 250,000 with the arguments'),
    secretEnv: variables
      .default({})
      .describe('As environment, but encrypted until it runs, masked in its output, and never shown'),
    stdin: z
      .union([z.strictObject({ text: wellFormed }), z.strictObject({ base64: z.base64() })])
      .optional()
      .describe('What it reads from its standard input, at most 1 MiB; default: nothing'),
    timeoutSeconds: z
      .int()
      .meta({ minimum: 1, maximum: 86_400 })
      .optional()
      .describe('At most what the lease can be held for; default: one hour, or that if it is less'),
    directory: wellFormed
      .max(500)
      .optional()
      .describe(
        'Within the working copy, never upwards. Default: its top, of a collection the first repository',
      ),
  })
  .meta({ id: 'CommandRequest' })
export type CommandRequest = z.input<typeof commandRequest>

export const command = z
  .strictObject({
    leaseId: z.string(),
    number: z.int(),
    argv: z.array(z.string()),
    environment: z.array(z.string()).describe('Names only'),
    secretEnv: z.array(z.string()).describe('Names only'),
    timeoutSeconds: z.int(),
    directory: z.string(),
    status: z.enum(['starting', 'running', 'ended']),
    cause: z
      .enum(['exited', 'timeout', 'cancelled', 'lost', 'lease_lost', 'refused'])
      .optional()
      .describe('Why it ended; lost: its supervisor died; refused: it never started'),
    exitCode: z.int().optional().describe('As the host saw it: 128 + n when signal n ended it'),
    detail: z.string().optional(),
    createdAt: instant,
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    outputBytes: z.int().describe('Of both streams so far, with what was left out'),
    omittedBytes: z.int().optional().describe('Left out of the middle of an output that is too long'),
  })
  .meta({ id: 'Command' })
export type Command = z.infer<typeof command>

export const outputQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Byte offset in the whole output'),
  wait: z.coerce.number().int().min(0).max(20).default(0),
})
export type OutputQuery = z.input<typeof outputQuery>

export const output = z
  .strictObject({
    chunks: z.array(
      z.strictObject({
        offset: z.int(),
        stream: z.enum(['stdout', 'stderr']),
        base64: z.string().optional(),
        omitted: z.int().optional().describe('Instead of base64: so many bytes were left out here'),
      }),
    ),
    next: z.int().describe('Pass as `after` to go on'),
    ended: z.boolean().describe('True when the command ended and nothing is left after `next`'),
    exitCode: z.int().optional(),
    cause: z.string().optional(),
  })
  .meta({ id: 'Output' })
export type Output = z.infer<typeof output>
