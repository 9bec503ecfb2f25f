import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Environment, FunctionName } from '../../lib/contract/environment.ts'
import { PERMISSIONS } from '../permissions.ts'
import { FUNCTIONS } from '../settings.ts'
import { grant } from './grant.ts'

export interface DrydockFunctionProps<F extends FunctionName> {
  readonly name: F
  readonly code: Code
  /** Typed by the schema that the function parses it with. */
  readonly environment: Environment<F>
  readonly table: Table
  /** Name of the document that hosts run. */
  readonly document: string
  readonly reservedConcurrency?: number
}

/** One function with its role, its log and exactly the permissions that its name has. */
export class DrydockFunction<F extends FunctionName> extends LambdaFunction {
  constructor(scope: Construct, id: string, props: DrydockFunctionProps<F>) {
    const { name, code, environment, table, document, reservedConcurrency } = props
    const { memoryMegabytes, timeoutSeconds, description } = FUNCTIONS[name]
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: `/aws/lambda/drydock-${name}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What drydock-${name} may do`,
    })
    grant(scope, role, PERMISSIONS[name], { table, logGroup, document })

    super(scope, id, {
      functionName: `drydock-${name}`,
      description,
      code,
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      // A fifth cheaper per second than x86, and nothing in the bundles is native.
      architecture: Architecture.ARM_64,
      memorySize: memoryMegabytes,
      timeout: Duration.seconds(timeoutSeconds),
      environment: { ...environment },
      role,
      logGroup,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
    })
  }
}
