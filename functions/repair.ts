import type { EventBridgeEvent } from 'aws-lambda'
import { leaseOfExecution } from '../lib/adapters/stepfunctions/names.ts'
import { repair } from '../lib/app/repair/repair.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('repair')))

type StatusChange = EventBridgeEvent<'Step Functions Execution Status Change', { readonly name: string }>

/** Called when an execution of a lease or of its command failed, timed out or was stopped: puts that lease right at once. */
export const handler = step(async ({ detail }: StatusChange): Promise<void> => {
  const { journal } = ports()
  const leaseId = leaseOfExecution(detail.name)
  if (leaseId === undefined) {
    // Trying again would not make it a lease's: somebody started it by hand.
    journal.warn('an execution that is no lease ended badly', { execution: detail.name })
    return
  }
  journal.info('repaired', { leaseId, did: await repair(ports(), leaseId) })
})
