import { startJsonService } from '../wire/json-service.ts'
import { createActions } from './actions.ts'
import { openStore } from './store.ts'
import type { ParameterStore, ParameterType } from './store.ts'

export interface ParameterService {
  readonly endpoint: string
  readonly store: ParameterStore
  close(): Promise<void>
}

/** Parameters given at start: they fill gaps and never overwrite what somebody stored. */
export type Seeds = Readonly<Record<string, { readonly value: string; readonly type: ParameterType }>>

/**
 * Parameter Store on loopback (JSON 1.1): Get, Put, Delete and by path, String and SecureString, versions.
 * Durable with `file`, which is only readable by its owner; else in memory.
 */
export async function startParameters(options: {
  readonly place: { readonly region: string; readonly account: string }
  readonly file?: string | undefined
  readonly seeds?: Seeds
  readonly now: () => number
  readonly onLog: (line: string) => void
}): Promise<ParameterService> {
  const store = openStore({ file: options.file, now: options.now })
  for (const [name, seed] of Object.entries(options.seeds ?? {})) if (!store.get(name)) store.put(name, seed)
  const service = await startJsonService({
    prefix: 'AmazonSSM',
    actions: createActions(store, options.place),
    onLog: options.onLog,
  })
  return { endpoint: service.endpoint, store, close: () => service.close() }
}
