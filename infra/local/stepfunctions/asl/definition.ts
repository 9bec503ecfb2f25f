import { z } from 'zod'

/**
 * The Amazon States Language as far as JSONata machines use it. Objects are strict, so that a field of the
 * JSONPath dialect (or a misspelt one) is refused when the machine is loaded, not ignored while it runs.
 * States inside Map and Parallel stay unread here: whoever compiles a branch reads it as a machine of its own.
 */
const template = z.json()
const seconds = z.union([z.number(), z.string()])
const described = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() }
const assign = { Assign: z.record(z.string(), template).optional() }
const output = { Output: template.optional() }
const moves = {
  ...described,
  ...assign,
  ...output,
  Next: z.string().optional(),
  End: z.boolean().optional(),
}

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().int().positive().default(1),
  MaxAttempts: z.number().int().nonnegative().default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.number().int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
})
const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ...assign,
  ...output,
})
const recovery = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) }

const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: template.optional(),
  TimeoutSeconds: seconds.optional(),
  HeartbeatSeconds: seconds.optional(),
  Credentials: template.optional(),
  ...moves,
  ...recovery,
})
const rule = z.strictObject({
  Comment: z.string().optional(),
  Condition: z.union([z.string(), z.boolean()]),
  Next: z.string(),
  ...assign,
  ...output,
})
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(rule).min(1),
  Default: z.string().optional(),
  ...described,
  ...assign,
  ...output,
})
const wait = z.strictObject({
  Type: z.literal('Wait'),
  Seconds: seconds.optional(),
  Timestamp: z.string().optional(),
  ...moves,
})
const pass = z.strictObject({ Type: z.literal('Pass'), ...moves })
const succeed = z.strictObject({ Type: z.literal('Succeed'), ...described, ...output })
const fail = z.strictObject({
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  Cause: z.string().optional(),
  ...described,
})
const map = z.strictObject({
  Type: z.literal('Map'),
  Items: z.union([z.string(), z.array(template)]).optional(),
  ItemSelector: template.optional(),
  MaxConcurrency: seconds.optional(),
  ItemProcessor: z.looseObject({
    ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE').optional() }).optional(),
  }),
  ...moves,
  ...recovery,
})
const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  Arguments: template.optional(),
  Branches: z.array(z.unknown()).min(1),
  ...moves,
  ...recovery,
})

export const stateDefinition = z.discriminatedUnion('Type', [
  task,
  choice,
  wait,
  pass,
  succeed,
  fail,
  map,
  parallel,
])
export type StateDefinition = z.infer<typeof stateDefinition>
export type Moves = Pick<z.infer<typeof pass>, 'Next' | 'End' | 'Assign' | 'Output'>
export type Retrier = z.infer<typeof retrier>
export type CatcherDefinition = z.infer<typeof catcher>

/** A branch of Parallel, or what a Map does with each item. */
export const branchDefinition = z.looseObject({
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), z.unknown()),
})

export const machineDefinition = z.strictObject({
  Comment: z.string().optional(),
  Version: z.string().optional(),
  QueryLanguage: z.literal('JSONata'),
  TimeoutSeconds: z.number().int().positive().optional(),
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), z.unknown()),
})
