import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmProps, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { METRICS } from '../../lib/contract/metrics.ts'

/** What a function counts of its part, in a line of its log. */
export const countOf = (part: string, metricName: string, options: MetricOptions): Metric =>
  new Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: { [METRICS.dimension]: part },
    ...options,
  })

export interface OperatorAlarmProps extends AlarmProps {
  /** An SNS topic; without one the alarm only changes colour. */
  readonly topicArn: string | undefined
}

/** An alarm that says who suffers and names its entry of the runbook. */
export class OperatorAlarm extends Alarm {
  constructor(scope: Construct, id: string, { topicArn, ...props }: OperatorAlarmProps) {
    super(scope, id, props)
    if (topicArn !== undefined) this.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) })
  }
}
