import { z } from 'zod'
import { level } from './host.ts'
import { name, seconds, wellFormed } from './scalars.ts'

const limits = z.strictObject({
  ttlSeconds: seconds(60, 3_600).optional(),
  maxHoldSeconds: seconds(60, 86_400).optional(),
  waitSeconds: seconds(1, 86_400).optional(),
  activationSeconds: seconds(10, 7_200).optional(),
  holdSeconds: seconds(0, 14_400).optional().describe('Longest hold after a failure; 0: none'),
  outputBytes: z
    .int()
    .min(4_096)
    .max(67_108_864)
    .optional()
    .describe('Kept of each command: half of its beginning, half of its end; default 64 MiB'),
  yields: z.int().min(1).max(10_000).optional().describe('How often an activation may say "not yet"'),
})

const admitted = z.union([z.literal('*'), z.string().min(1).max(200)])
const allow = z
  .array(
    z.union([
      admitted,
      z.strictObject({
        tenant: admitted,
        trust: z
          .enum(['trusted', 'untrusted'])
          .describe('`untrusted`: what its leases leave on a slot is never used by who is trusted'),
      }),
    ]),
  )
  .default([])
  .describe('Tenants that may lease; `*` for all. Default: nobody')

const isolation = level
  .default('user')
  .describe('Least level at which its leases run; of a pool, that its hosts reach. `process` must be named')

export const blueprint = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('host'), allow, isolation, limits: limits.default({}) }),
  z.strictObject({
    type: z.literal('working-copy'),
    pools: z.array(name).min(1).max(4).describe('Host blueprints whose slots carry the copies'),
    repositories: z.array(name).optional().describe('Only these; default: every registered one'),
    idleSeconds: seconds(60, 7_776_000)
      .optional()
      .describe('A copy that no lease has used for so long is removed; default: 7 days'),
    keepPerSlot: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe('Copies that stay warm on a slot, the least recently used one goes first; default: 3'),
    allow,
    isolation,
    limits: limits.default({}),
  }),
])

const place = {
  pool: name.describe('The host blueprint that it belongs to'),
  capacity: z.int().min(1).max(64).describe('Slots'),
}

const path = /^(?!-)(?!.*(?:^|\/)\.\.(?:\/|$))[A-Za-z0-9_./-]{1,200}$/

const overSsh = z.strictObject({
  ...place,
  transport: z.literal('ssh').default('ssh'),
  address: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/, 'a host name or an IP address'),
  port: z.int().min(1).max(65_535).default(22),
  user: z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, 'a login name'),
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'SHA256: and 43 characters, as ssh-keygen -l prints it'),
  directory: z
    .string()
    .regex(path, 'a plain path')
    .default('.drydock')
    .describe('Where Drydock keeps script, mirrors and slots; relative to the login directory'),
})

const overSsm = z.strictObject({
  ...place,
  transport: z.literal('ssm'),
  instance: z
    .string()
    .regex(
      /^(?:i-(?:[0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/,
      'i-... or mi-..., as Systems Manager names it',
    )
    .describe('The managed node in this account and region'),
  // An agent has no login directory that a relative path could begin in.
  directory: z
    .string()
    .regex(path, 'a plain path')
    .startsWith('/')
    .default('/var/lib/drydock')
    .describe('Where Drydock keeps script, mirrors and slots; absolute'),
})

export const host = z.discriminatedUnion('transport', [overSsh, overSsm])

/** Credentials never stand in a URL: it is shown, logged and sent to hosts. A login name for ssh is none. */
const remote =
  /^(?:https:\/\/[^\s\p{Cc}@/]+\/|ssh:\/\/(?:[^\s\p{Cc}@/:]+@)?[^\s\p{Cc}@/]+\/|file:\/\/\/)[^\s\p{Cc}]*$/u

export const repository = z.strictObject({
  url: wellFormed.max(1_000).regex(remote, 'https://, ssh:// or a registered file://, without a password'),
  defaultBranch: z.string().min(1).max(200).default('main'),
  allowFile: z.boolean().default(false).describe('Needed for file:// URLs: for tests and trials only'),
  landing: z
    .strictObject({
      branches: z
        .array(z.string().min(1).max(255))
        .min(1)
        .describe('Names, or beginnings of names with `*` after them'),
      allow: z.array(admitted).default([]).describe('Tenants that may land; `*` for all. Default: nobody'),
    })
    .optional()
    .describe('Not there: nobody lands in it'),
})

export const tenant = z.strictObject({
  leases: z.int().min(0).max(10_000).describe('Living leases at most'),
})

export const config = z
  .strictObject({
    blueprints: z.record(name, blueprint).default({}),
    hosts: z.record(name, host).default({}),
    repositories: z.record(name, repository).default({}),
    tenants: z.record(z.string().min(1).max(200), tenant).default({}),
  })
  .meta({ id: 'Config' })
export type Config = z.infer<typeof config>
export type ConfigInput = z.input<typeof config>

export const configQuery = z.strictObject({
  dryRun: z.stringbool().default(false).describe('Only show the plan'),
  remove: z.stringbool().default(false).describe('Also remove what the document does not name'),
})

export const configPlan = z
  .strictObject({
    applied: z.boolean(),
    changes: z.array(
      z.strictObject({
        kind: z.enum(['blueprint', 'host', 'repository', 'tenant']),
        name: z.string(),
        change: z.enum(['create', 'update', 'remove']),
      }),
    ),
  })
  .meta({ id: 'ConfigPlan' })
export type ConfigPlan = z.infer<typeof configPlan>
