import type { EventBridgeEvent } from 'aws-lambda'
import { buildOfExecution, leaseOfExecution } from '../lib/adapters/stepfunctions/names.ts'
import { repairBuild } from '../lib/app/builds/repair-build.ts'
import { repairLanding } from '../lib/app/landings/repair-landing.ts'
import { repair } from '../lib/app/repair/repair.ts'
import { MACHINES } from '../lib/contract/machines.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('repair')))

type StatusChange = EventBridgeEvent<
  'Step Functions Execution Status Change',
  { readonly name: string; readonly stateMachineArn?: string }
>

/** Called when an execution of a lease, its command, a build or a landing failed, timed out or was stopped: puts that right at once. */
export const handler = step(async ({ detail }: StatusChange): Promise<void> => {
  const { journal } = ports()
  const buildId = buildOfExecution(detail.name)
  if (buildId !== undefined) {
    journal.info('repaired', { buildId, did: await repairBuild(ports(), buildId) })
    return
  }
  const id = leaseOfExecution(detail.name)
  if (id !== undefined && detail.stateMachineArn?.endsWith(`:${MACHINES.landing}`)) {
    journal.info('repaired', { landing: id, did: await repairLanding(ports(), id) })
    return
  }
  if (id === undefined) {
    // Trying again would not make it a lease's: somebody started it by hand.
    journal.warn('an execution that is no lease ended badly', { execution: detail.name })
    return
  }
  journal.info('repaired', { leaseId: id, did: await repair(ports(), id) })
})
