import { Stack, Validations } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Role } from 'aws-cdk-lib/aws-iam'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { MACHINES } from '../../lib/contract/machines.ts'
import type { MachineName, ParameterName, Permissions } from '../permissions.ts'
import { HOST_TAG, PARAMETERS } from '../settings.ts'
import { machineArn } from './machine-arn.ts'

export interface Granted {
  readonly table: Table
  readonly logGroup: LogGroup
  /** Name of the document that hosts run. */
  readonly document: string
}

/** Writes a function's permissions out as statements: exact actions on exact resources. */
export function grant(
  scope: Construct,
  role: Role,
  permissions: Permissions,
  { table, logGroup, document }: Granted,
): void {
  const {
    starts = [],
    awakens = false,
    heartbeats = false,
    reads = [],
    creates = [],
    runs = false,
  } = permissions

  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn])
  allow(
    permissions.table.map((action) => `dynamodb:${action}`),
    [table.tableArn],
  )
  allow(
    ['states:StartExecution'],
    starts.map((machine) => machineArn(scope, machine)),
  )
  // Which names of an execution were used, where many were.
  allow(['states:DescribeExecution'], starts.map(executionsOf))
  for (const machine of starts) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${MACHINES[machine]}:*]`,
      reason:
        'Executions are named by what they are for, which no policy can list; describing one shows an id.',
    })
  }
  // IAM knows nothing finer here than the machine: that a token belongs to this lease, only the token itself says.
  // A build or a landing waits for its lease: whoever awakens that tells the work, too.
  if (awakens) {
    const waiting = (['lease', 'build', 'landing'] as const).map((machine) => machineArn(scope, machine))
    allow(['states:SendTaskSuccess'], waiting)
  }
  if (heartbeats) allow(['states:SendTaskHeartbeat'], [machineArn(scope, 'lease')])
  // SecureStrings lie under the account's own aws/ssm key, which needs no statement of ours.
  allow(['ssm:GetParameter'], reads.map(parameterArn))
  allow(['ssm:PutParameter'], creates.map(parameterArn))
  if (runs) grantRunCommand(scope, role, document)

  function allow(actions: string[], resources: string[]): void {
    if (resources.length > 0) role.addToPolicy(new PolicyStatement({ actions, resources }))
  }

  function executionsOf(machine: MachineName): string {
    return `${machineArn(scope, machine).replace(':stateMachine:', ':execution:')}:*`
  }

  function parameterArn(name: ParameterName): string {
    return Stack.of(scope).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: PARAMETERS[name].slice(1),
    })
  }
}

/** Our document alone, and only on machines that operators have marked as hosts. */
function grantRunCommand(scope: Construct, role: Role, document: string): void {
  const arn = (service: string, resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({ service, resource, resourceName })
  const tagged = { StringEquals: { [`ssm:resourceTag/${HOST_TAG}`]: 'true' } }
  const send = 'ssm:SendCommand'
  role.addToPolicy(new PolicyStatement({ actions: [send], resources: [arn('ssm', 'document', document)] }))
  role.addToPolicy(
    new PolicyStatement({
      actions: [send],
      resources: [arn('ec2', 'instance', '*'), arn('ssm', 'managed-instance', '*')],
      conditions: tagged,
    }),
  )
  role.addToPolicy(new PolicyStatement({ actions: ['ssm:GetCommandInvocation'], resources: ['*'] }))
  Validations.of(role).acknowledge(
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'GetCommandInvocation takes no resource: AWS documents it with *.',
    },
    ...[
      'ec2:<AWS::Region>:<AWS::AccountId>:instance',
      'ssm:<AWS::Region>:<AWS::AccountId>:managed-instance',
    ].map((resource) => ({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${resource}/*]`,
      reason: 'Which machines are hosts is said by a tag on them, which the condition asks for.',
    })),
  )
}
