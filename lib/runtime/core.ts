import { SFNClient } from '@aws-sdk/client-sfn'
import { createDynamoTable } from '../adapters/dynamodb/table.ts'
import { createStepFunctions } from '../adapters/stepfunctions/executions.ts'
import type { Ports } from '../app/ports/ports.ts'
import { systemChance } from './chance.ts'
import { systemClock } from './clock.ts'
import { connections } from './connections.ts'
import { logJournal } from './journal.ts'

export interface CoreEnvironment {
  readonly TABLE_NAME: string
  readonly LEASE_MACHINE_ARN: string
  readonly COMMAND_MACHINE_ARN: string
  readonly SLOT_MACHINE_ARN: string
  readonly HOST_MACHINE_ARN: string
  readonly LANDING_MACHINE_ARN: string
  readonly BUILD_MACHINE_ARN: string
  readonly EXECUTION_LINK_PREFIX?: string
}

export type CorePorts = Pick<Ports, 'table' | 'executions' | 'clock' | 'chance' | 'journal'>

/** The table alone, for functions that start and awaken nobody. */
export const composeTable = (tableName: string): Ports['table'] =>
  createDynamoTable({
    tableName,
    random: () => systemChance.fraction(),
    sleep: (milliseconds) => systemClock.sleep(milliseconds),
  })

/** What every function has that works on leases. Nothing here reaches a host: the SSH library stays out. */
export function composeCore(environment: CoreEnvironment): CorePorts {
  return {
    table: composeTable(environment.TABLE_NAME),
    executions: createStepFunctions({
      client: new SFNClient({ requestHandler: connections }),
      machines: {
        lease: environment.LEASE_MACHINE_ARN,
        command: environment.COMMAND_MACHINE_ARN,
        slot: environment.SLOT_MACHINE_ARN,
        host: environment.HOST_MACHINE_ARN,
        landing: environment.LANDING_MACHINE_ARN,
        build: environment.BUILD_MACHINE_ARN,
      },
      linkPrefix: environment.EXECUTION_LINK_PREFIX ?? '',
    }),
    clock: systemClock,
    chance: systemChance,
    journal: logJournal,
  }
}
