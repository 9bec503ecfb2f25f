import type { FunctionName } from '../lib/contract/environment.ts'
import type { MACHINES } from '../lib/contract/machines.ts'
import type { PARAMETERS } from './settings.ts'

export type MachineName = keyof typeof MACHINES
export type ParameterName = keyof typeof PARAMETERS
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'

/** What one function may do, and nothing else. */
export interface Permissions {
  readonly table: readonly TableAction[]
  /** Machines of which it may start executions. */
  readonly starts?: readonly MachineName[]
  /** May end the task of a lease or a build that waits. */
  readonly awakens?: boolean
  /** May prolong a waiting lease's task. */
  readonly heartbeats?: boolean
  readonly reads?: readonly ParameterName[]
  /** Creates it when it is missing; never overwrites. */
  readonly creates?: readonly ParameterName[]
  /** Has hosts run the one document that is made for them. */
  readonly runs?: boolean
}

/** `TransactWriteItems` is no action of its own: it needs those of its parts. */
const reading = ['GetItem', 'BatchGetItem', 'Query'] as const
const transitions = [...reading, 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'] as const

export const PERMISSIONS: Readonly<Record<FunctionName, Permissions>> = {
  api: {
    table: transitions,
    starts: ['lease', 'command', 'slot', 'host', 'build', 'landing'],
    awakens: true,
    heartbeats: true,
    reads: ['leaseTokenKey', 'secretKey'],
    creates: ['leaseTokenKey', 'secretKey'],
  },
  poll: { table: reading },
  authorize: { table: ['GetItem'], reads: ['issuers'] },
  decide: { table: transitions, starts: ['slot', 'host'], awakens: true },
  activate: { table: transitions, starts: ['slot', 'host'], awakens: true, reads: ['sshKey'], runs: true },
  destroy: { table: reading, reads: ['sshKey'], runs: true },
  finalize: { table: transitions, starts: ['command', 'slot'], awakens: true },
  follow: {
    table: [...reading, 'PutItem', 'UpdateItem', 'DeleteItem'],
    awakens: true,
    reads: ['sshKey', 'secretKey'],
    runs: true,
  },
  land: {
    table: transitions,
    starts: ['lease', 'command', 'slot', 'host'],
    awakens: true,
    heartbeats: true,
    reads: ['leaseTokenKey'],
    creates: ['leaseTokenKey'],
  },
  'land-at-host': {
    table: transitions,
    starts: ['slot', 'host'],
    awakens: true,
    heartbeats: true,
    reads: ['sshKey'],
    runs: true,
  },
  clean: { table: transitions, starts: ['slot', 'host'], awakens: true, reads: ['sshKey'], runs: true },
  probe: { table: transitions, starts: ['slot', 'host'], awakens: true, reads: ['sshKey'], runs: true },
  'drive-build': {
    table: transitions,
    starts: ['lease', 'command', 'slot', 'host', 'build'],
    awakens: true,
    heartbeats: true,
    reads: ['leaseTokenKey'],
    creates: ['leaseTokenKey'],
  },
  notify: { table: ['BatchGetItem', 'UpdateItem', 'DeleteItem', 'PutItem'], reads: ['webhookSecrets'] },
  sweep: {
    table: transitions,
    starts: ['lease', 'command', 'slot', 'host', 'build', 'landing'],
    awakens: true,
  },
  audit: { table: transitions, starts: ['slot'], awakens: true },
  repair: {
    table: transitions,
    starts: ['lease', 'command', 'slot', 'host', 'build', 'landing'],
    awakens: true,
  },
  'issue-token': { table: ['PutItem'] },
}
