import type { Clock } from '../stepfunctions/clock.ts'
import { startJsonService } from '../wire/json-service.ts'
import { commandActions } from './commands/actions.ts'
import { startCommands } from './commands/service.ts'
import type { CommandOptions, CommandService } from './commands/service.ts'
import { parameterActions } from './parameters/actions.ts'
import { openStore } from './parameters/store.ts'
import type { ParameterStore, ParameterType } from './parameters/store.ts'

export interface SsmService {
  readonly endpoint: string
  readonly store: ParameterStore
  readonly commands: CommandService
  close(): Promise<void>
}

/** Parameters given at start: they fill gaps and never overwrite what somebody stored. */
export type Seeds = Readonly<Record<string, { readonly value: string; readonly type: ParameterType }>>

export interface SsmOptions extends Partial<
  Pick<CommandOptions, 'documents' | 'nodes' | 'faults' | 'delays'>
> {
  readonly place: { readonly region: string; readonly account: string }
  /** Makes parameters durable. Only its owner can read it. */
  readonly file?: string | undefined
  readonly seeds?: Seeds
  readonly clock: Clock
  readonly onLog: (line: string) => void
}

/**
 * Systems Manager on loopback (JSON 1.1), of which two parts share one endpoint: Parameter Store, and Run Command, which
 * runs documents on the nodes that it is given.
 */
export async function startSsm(options: SsmOptions): Promise<SsmService> {
  const { clock, onLog, faults } = options
  const store = openStore({ file: options.file, now: clock.now })
  for (const [name, seed] of Object.entries(options.seeds ?? {})) if (!store.get(name)) store.put(name, seed)
  const commands = startCommands({ documents: [], nodes: [], ...options })
  const service = await startJsonService({
    prefix: 'AmazonSSM',
    actions: {
      ...parameterActions(store, options.place),
      ...commandActions(commands, { now: clock.now, faults }),
    },
    onLog,
  })
  return {
    endpoint: service.endpoint,
    store,
    commands,
    close: async () => {
      await service.close()
      await commands.close()
    },
  }
}
