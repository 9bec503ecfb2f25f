import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { PARAMETERS } from './settings.ts'

export interface DataStackProps extends StackProps {
  /** For trials: the table may be deleted, and goes with its stack. */
  readonly throwaway: boolean
}

/** What must survive a new deployment of everything else: the one table, and which issuers are trusted. */
export class DataStack extends Stack {
  readonly table: Table

  constructor(scope: Construct, id: string, { throwaway, ...props }: DataStackProps) {
    super(scope, id, props)
    // Its name is generated: a kept table never stands in the way of the next deployment.
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'PK', type: AttributeType.STRING },
      sortKey: { name: 'SK', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      deletionProtection: !throwaway,
      removalPolicy: throwaway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    })
    new StringParameter(this, 'Issuers', {
      parameterName: PARAMETERS.issuers,
      stringValue: '[]',
      description: 'OIDC issuers that Drydock trusts, as a JSON list; operators change it',
    })
  }
}
