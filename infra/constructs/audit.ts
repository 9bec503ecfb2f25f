import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { METRICS } from '../../lib/contract/metrics.ts'
import { countOf, OperatorAlarm } from './operator-alarm.ts'

export interface AuditProps {
  readonly audit: Lambda
  readonly alarmTopicArn: string | undefined
}

/** What no timer leads to is looked for every hour, in a function of its own: it takes longer than a sweep may. */
export class Audit extends Construct {
  constructor(scope: Construct, id: string, { audit, alarmTopicArn: topicArn }: AuditProps) {
    super(scope, id)
    const hour = Duration.hours(1)

    // The next hour's audit is the retry.
    audit.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: hour })
    new Rule(this, 'EveryHour', {
      description: 'Compares what the table says in two places',
      schedule: Schedule.rate(hour),
      targets: [new LambdaFunction(audit)],
    })
    new OperatorAlarm(this, 'AuditFailing', {
      alarmName: 'drydock-audit-failing',
      alarmDescription:
        'Slots, places in a queue and quotas that were lost stay lost: pools and tenants may have less than they should. docs/runbook.md#the-audit-fails',
      metric: audit.metricErrors({ period: hour, statistic: 'Sum' }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      topicArn,
    })
    new OperatorAlarm(this, 'AuditMends', {
      alarmName: 'drydock-audit-mends',
      alarmDescription:
        'Something was lost and found again: jobs may have waited up to an hour beside a free slot, tenants had less than their quota. docs/runbook.md#the-audit-mends',
      metric: countOf('audit', METRICS.mended, { period: hour, statistic: 'Sum' }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      topicArn,
    })
  }
}
