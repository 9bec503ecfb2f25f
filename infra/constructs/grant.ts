import { Stack } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Role } from 'aws-cdk-lib/aws-iam'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { ParameterName, Permissions } from '../permissions.ts'
import { PARAMETERS } from '../settings.ts'
import { machineArn } from './machine-arn.ts'

export interface Granted {
  readonly table: Table
  readonly logGroup: LogGroup
}

/** Writes a function's permissions out as statements: exact actions on exact resources. */
export function grant(
  scope: Construct,
  role: Role,
  permissions: Permissions,
  { table, logGroup }: Granted,
): void {
  const { starts = [], awakens = false, heartbeats = false, reads = [], creates = [] } = permissions

  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn])
  allow(
    permissions.table.map((action) => `dynamodb:${action}`),
    [table.tableArn],
  )
  allow(
    ['states:StartExecution'],
    starts.map((machine) => machineArn(scope, machine)),
  )
  // IAM knows nothing finer here than the machine: that a token belongs to this lease, only the token itself says.
  if (awakens) allow(['states:SendTaskSuccess'], [machineArn(scope, 'lease')])
  if (heartbeats) allow(['states:SendTaskHeartbeat'], [machineArn(scope, 'lease')])
  // SecureStrings lie under the account's own aws/ssm key, which needs no statement of ours.
  allow(['ssm:GetParameter'], reads.map(parameterArn))
  allow(['ssm:PutParameter'], creates.map(parameterArn))

  function allow(actions: string[], resources: string[]): void {
    if (resources.length > 0) role.addToPolicy(new PolicyStatement({ actions, resources }))
  }

  function parameterArn(name: ParameterName): string {
    return Stack.of(scope).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: PARAMETERS[name].slice(1),
    })
  }
}
