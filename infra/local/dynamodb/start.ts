import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from './binary.ts'
import type { Faults } from './faults.ts'
import { startFront } from './front.ts'
import { superviseDynoxide } from './supervisor.ts'
import { createTables, type TableDefinition } from './tables.ts'
import { makeVolatileDirectory } from './volatile.ts'

export type DynamoDbOptions = {
  /** Created where they are missing. */
  readonly tables: readonly TableDefinition[]
  /** Where the items are kept, made if missing; without it they are gone after `close`. */
  readonly directory?: string | undefined
  /** A DynamoDB that runs already (`AWS_ENDPOINT_URL_DYNAMODB`): nothing is started then. */
  readonly endpoint?: string | undefined
  /** Puts the front with these faults between clients and DynamoDB. */
  readonly faults?: Faults | undefined
  readonly onLog: (line: string) => void
}

export type DynamoDb = { readonly endpoint: string; readonly close: () => Promise<void> }

type Part = { readonly endpoint: string; readonly close: () => Promise<void> }

/**
 * Starts DynamoDB on loopback with its tables. Rejects with advice where the machine has no emulator and no
 * endpoint is given; whatever was started is ended again when a later step fails.
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const parts: Part[] = []
  const close = async (): Promise<void> => {
    for (const part of parts.splice(0).toReversed()) await part.close()
  }
  try {
    const { endpoint } = options
    const service: Part =
      endpoint === undefined ? await startEmulator(options) : { endpoint, close: async () => undefined }
    parts.push(service)
    await createTables(service.endpoint, options.tables)
    const front = options.faults && (await startFront(service.endpoint, options.faults))
    if (front) parts.push(front)
    return { endpoint: (front ?? service).endpoint, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startEmulator({ directory, onLog }: DynamoDbOptions): Promise<Part> {
  const binary = findBinary()
  const place = directory ?? makeVolatileDirectory()
  const tidy = (): void => {
    if (directory === undefined) rmSync(place, { recursive: true, force: true })
  }
  try {
    mkdirSync(place, { recursive: true })
    const { endpoint, close } = await superviseDynoxide(binary, join(place, 'dynamodb.sqlite'), onLog)
    return { endpoint, close: async () => close().finally(tidy) }
  } catch (error) {
    tidy()
    throw error
  }
}
