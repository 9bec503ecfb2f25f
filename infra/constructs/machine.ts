import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { MACHINES } from '../../lib/contract/machines.ts'
import type { Definition } from '../machines/asl.ts'
import type { MachineName } from '../permissions.ts'

export interface MachineProps {
  readonly name: MachineName
  readonly definition: Definition
  readonly invokes: readonly IFunction[]
  /** Where it stores task tokens. */
  readonly updatesTable?: string
  /** Whom it tells what happened. */
  readonly tells?: string
}

/** A Standard machine with a role that may call what its definition calls. */
export class Machine extends StateMachine {
  constructor(
    scope: Construct,
    id: string,
    { name, definition, invokes, updatesTable, tells }: MachineProps,
  ) {
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `What ${MACHINES[name]} may do`,
    })
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: invokes.map((invoked) => invoked.functionArn),
      }),
    )
    if (updatesTable !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [updatesTable] }))
    }
    if (tells !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [tells] }))
    }

    super(scope, id, {
      stateMachineName: MACHINES[name],
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(scope).toJsonString(definition)),
      role,
      logs: {
        destination: new LogGroup(scope, `${id}Log`, {
          // CloudWatch's policy for vended logs covers this prefix whatever else the account logs.
          logGroupName: `/aws/vendedlogs/states/${MACHINES[name]}`,
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    })

    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Log delivery of Step Functions: these actions take no resource, AWS documents them with *.',
    })
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason:
          'Standard executions keep their own history for 90 days; the log is for errors, and every event twice would cost more than the lease.',
      },
      {
        id: 'AwsSolutions-SF2',
        reason:
          'No tracing: the X-Ray SDKs end in 2027, and the timeline of a lease in the table says what happened when.',
      },
    )
  }
}
