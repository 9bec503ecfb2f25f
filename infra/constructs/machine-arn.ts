import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { MACHINES } from '../../lib/contract/machines.ts'
import type { MachineName } from '../permissions.ts'

/** From the name alone: functions name machines and machines name functions, and only one side may be a reference. */
export function machineArn(scope: Construct, machine: MachineName): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: MACHINES[machine],
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
}
