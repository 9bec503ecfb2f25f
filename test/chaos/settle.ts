import { setTimeout as delay } from 'node:timers/promises'
import type { Item } from '../../lib/app/ports/table.ts'
import { wholeTable } from '../features/support/table.ts'
import { isAtRest } from './checks/rest.ts'
import { runningExecutions } from './kills/executions.ts'
import type { RunningStack } from './stack.ts'

const LOOK = 1_000

/** The table once nobody has anything to do any more, or as it is after the longest time, milliseconds. */
export async function settle(stack: RunningStack, longest: number): Promise<readonly Item[]> {
  const until = Date.now() + longest
  for (;;) {
    const items = [...(await wholeTable(stack)).values()] as readonly Item[]
    if (isAtRest(items) && (await runningExecutions(stack.endpoints['sfn'] ?? '')).length === 0) return items
    if (Date.now() > until) return items
    await delay(LOOK)
  }
}
