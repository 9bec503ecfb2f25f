import { startParts } from './stack/compose.ts'
import type { Stack, StackOptions } from './stack/options.ts'
import { collectParts } from './stack/parts.ts'

export type { Stack, StackOptions } from './stack/options.ts'

/**
 * Starts the synthesized app on stand-ins for its services, on loopback. A service for which the environment
 * names an endpoint is not started: functions are pointed there, and missing tables are made there. Whatever
 * was started is closed again when a part cannot start. With `data`, the next start goes on where this one was
 * closed or killed.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const parts = collectParts()
  try {
    return await startParts(options, parts)
  } catch (error) {
    await parts.close()
    throw error
  }
}
