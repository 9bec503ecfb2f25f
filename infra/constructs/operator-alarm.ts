import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmProps } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

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
