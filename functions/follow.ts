import { followCommand } from '../lib/app/commands/follow-command.ts'
import type { CommandInput, Slice } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeToFollow } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeToFollow(environment('follow')))

/** A slice ends well before the function would be killed: a look at the host may take some seconds. */
const MARGIN = 10_000
const LONGEST = 14 * 60_000

/** Starts a command on its host if need be and keeps its output for one slice of time. */
export const handler = step(({ leaseId, number }: CommandInput, context): Promise<Slice> => {
  const milliseconds = Math.min(LONGEST, context.getRemainingTimeInMillis() - MARGIN)
  return followCommand(ports(), leaseId, number, milliseconds)
})
