import { z } from 'zod'

/** What the functions read from their environment: the construct is typed by it, the function parses it. */
const table = { TABLE_NAME: z.string().min(1) }
const machines = {
  LEASE_MACHINE_ARN: z.string().min(1),
  COMMAND_MACHINE_ARN: z.string().min(1),
  SLOT_MACHINE_ARN: z.string().min(1),
  HOST_MACHINE_ARN: z.string().min(1),
  LANDING_MACHINE_ARN: z.string().min(1),
  BUILD_MACHINE_ARN: z.string().min(1),
}
const hosts = { SSH_KEY_PARAMETER: z.string().min(1), HOST_DOCUMENT: z.string().min(1) }
/** The console's address of executions, to which an ARN is appended; empty where there is no console. */
const links = { EXECUTION_LINK_PREFIX: z.union([z.literal(''), z.url()]) }
/** Under which the secrets of commands are encrypted. */
const secrets = { SECRET_KEY_PARAMETER: z.string().min(1) }
const leaseTokens = { TOKEN_KEY_PARAMETER: z.string().min(1) }

export const environments = {
  api: z.object({ ...table, ...machines, ...links, ...leaseTokens, ...secrets }),
  poll: z.object({ ...table, ...machines, ...links }),
  authorize: z.object({ ...table, ISSUERS_PARAMETER: z.string().min(1) }),
  decide: z.object({ ...table, ...machines }),
  activate: z.object({ ...table, ...machines, ...hosts }),
  destroy: z.object({ ...table, ...machines, ...hosts }),
  finalize: z.object({ ...table, ...machines }),
  follow: z.object({ ...table, ...machines, ...hosts, ...secrets }),
  land: z.object({ ...table, ...machines, ...leaseTokens }),
  'land-at-host': z.object({ ...table, ...machines, ...hosts }),
  clean: z.object({ ...table, ...machines, ...hosts }),
  probe: z.object({ ...table, ...machines, ...hosts }),
  'drive-build': z.object({ ...table, ...machines, ...leaseTokens }),
  notify: z.object({ ...table, WEBHOOK_SECRETS_PARAMETER: z.string().min(1) }),
  sweep: z.object({ ...table, ...machines }),
  audit: z.object({ ...table, ...machines }),
  repair: z.object({ ...table, ...machines }),
  'issue-token': z.object({ ...table }),
} as const

export type FunctionName = keyof typeof environments
export type Environment<F extends FunctionName> = z.infer<(typeof environments)[F]>
