import { z } from 'zod'
import { instant, seconds, wellFormed } from './scalars.ts'

const text = wellFormed.refine((value) => !value.includes('\u0000'), 'a NUL cannot be passed to a program')

export const commandRequest = z
  .strictObject({
    argv: z
      .array(text.max(100_000))
      .min(1)
      .max(1_000)
      .describe('Executed as it is; no shell unless argv[0] is one'),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), text.max(32_000))
      .refine((record) => Object.keys(record).length <= 200, 'at most 200 variables')
      .default({}),
    timeoutSeconds: seconds(1, 86_400).default(3_600),
    directory: text
      .max(500)
      .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$)).*$/s, 'relative, and never upwards')
      .optional()
      .describe('Within the working copy. Default: its top, of a collection the first repository'),
  })
  .meta({ id: 'CommandRequest' })
export type CommandRequest = z.input<typeof commandRequest>

export const command = z
  .strictObject({
    leaseId: z.string(),
    number: z.int(),
    argv: z.array(z.string()),
    environment: z.array(z.string()).describe('Names only'),
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
    outputBytes: z.int(),
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
        base64: z.string(),
      }),
    ),
    next: z.int().describe('Pass as `after` to go on'),
    ended: z.boolean().describe('True when the command ended and nothing is left after `next`'),
    exitCode: z.int().optional(),
    cause: z.string().optional(),
  })
  .meta({ id: 'Output' })
export type Output = z.infer<typeof output>
