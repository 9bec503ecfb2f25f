import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { METRICS } from '../../lib/contract/metrics.ts'
import { countOf, OperatorAlarm } from './operator-alarm.ts'

export interface SweepProps {
  readonly sweep: Lambda
  readonly repair: Lambda
  readonly machineArns: readonly string[]
  readonly alarmTopicArn: string | undefined
}

/** What brings back whatever was forgotten: the sweep every minute, repair at once, and alarms that watch them. */
export class Sweep extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { sweep, repair, machineArns, alarmTopicArn: topicArn }: SweepProps,
  ) {
    super(scope, id)
    // The next minute's sweep is the retry.
    sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'EveryMinute', {
      description: 'Sweeps everything with a due timer',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sweep)],
    })
    new Rule(this, 'ExecutionEndedBadly', {
      description:
        'Repairs the lease, build or landing of an execution that failed, timed out or was stopped',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [...machineArns] },
      },
      targets: [new LambdaFunction(repair)],
    })

    const perMinute = { period: Duration.minutes(1), statistic: 'Sum' }
    new OperatorAlarm(this, 'SweepSilent', {
      alarmName: 'drydock-sweep-silent',
      alarmDescription:
        'Nobody repairs: jobs that lost their wake-up wait for ever and slots of dead jobs stay taken. docs/runbook.md#the-sweep-is-silent',
      metric: sweep.metricInvocations(perMinute),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.BREACHING,
      topicArn,
    })
    new OperatorAlarm(this, 'SweepFailing', {
      alarmName: 'drydock-sweep-failing',
      alarmDescription:
        'Repair stops half way: some jobs wait longer than two minutes for a free slot, expired leases may keep theirs. docs/runbook.md#the-sweep-fails',
      metric: sweep.metricErrors(perMinute),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      topicArn,
    })
    new OperatorAlarm(this, 'HostsQuarantined', {
      alarmName: 'drydock-hosts-quarantined',
      alarmDescription:
        'A pool is smaller than it should be for half an hour: jobs wait longer. docs/runbook.md#a-host-is-quarantined',
      metric: countOf('sweep', METRICS.quarantined, { period: Duration.minutes(5), statistic: 'Minimum' }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 6,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      topicArn,
    })
  }
}
