import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmProps } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'

export interface SweepProps {
  readonly sweep: Lambda
  readonly repair: Lambda
  readonly machineArns: readonly string[]
  /** An SNS topic for the alarms; without one they only change colour. */
  readonly alarmTopicArn?: string
}

/** What brings back whatever was forgotten: the sweep every minute, repair at once, and alarms that watch them. */
export class Sweep extends Construct {
  readonly #alarmTopicArn: string | undefined

  constructor(scope: Construct, id: string, { sweep, repair, machineArns, alarmTopicArn }: SweepProps) {
    super(scope, id)
    this.#alarmTopicArn = alarmTopicArn

    // The next minute's sweep is the retry.
    sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    new Rule(this, 'EveryMinute', {
      description: 'Sweeps everything with a due timer',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sweep)],
    })
    new Rule(this, 'ExecutionEndedBadly', {
      description:
        'Repairs the lease of an execution, its own or a command, that failed, timed out or was stopped',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [...machineArns] },
      },
      targets: [new LambdaFunction(repair)],
    })

    const perMinute = { period: Duration.minutes(1), statistic: 'Sum' }
    this.alarm('SweepSilent', {
      alarmName: 'drydock-sweep-silent',
      alarmDescription:
        'Nobody repairs: jobs that lost their wake-up wait for ever and slots of dead jobs stay taken. docs/runbook.md#the-sweep-is-silent',
      metric: sweep.metricInvocations(perMinute),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.BREACHING,
    })
    this.alarm('SweepFailing', {
      alarmName: 'drydock-sweep-failing',
      alarmDescription:
        'Repair stops half way: some jobs wait longer than two minutes for a free slot, expired leases may keep theirs. docs/runbook.md#the-sweep-fails',
      metric: sweep.metricErrors(perMinute),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  }

  private alarm(id: string, props: AlarmProps): void {
    const alarm = new Alarm(this, id, props)
    const topic = this.#alarmTopicArn
    if (topic !== undefined) alarm.addAlarmAction({ bind: () => ({ alarmActionArn: topic }) })
  }
}
