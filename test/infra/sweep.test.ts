import { expect, test } from 'vitest'
import { synthesized } from './support/synthesized.ts'

const { service, assembly } = synthesized()
const rules = assembly.eventRules
const targets = (rule: (typeof rules)[number] | undefined) =>
  rule?.targets.map(({ arn }) => arn.split(':').at(-1))

test('the sweep runs every minute, and the next one is its retry', () => {
  const rule = rules.find((each) => targets(each)?.includes('drydock-sweep'))
  const sweep = assembly.functions.find(({ name }) => name === 'drydock-sweep')

  expect(rule).toMatchObject({ schedule: 'rate(1 minute)', enabled: true })
  expect(targets(rule)).toEqual(['drydock-sweep'])
  expect(sweep).toMatchObject({ retryAttempts: 0, maximumEventAgeSeconds: 60 })
})

test("a lease's execution that ended badly is repaired", () => {
  const rule = rules.find(({ pattern }) => pattern !== undefined)

  expect(rule?.pattern).toEqual({
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: {
      status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
      stateMachineArn: ['lease', 'command', 'build', 'landing'].map(
        (name) => `arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-${name}`,
      ),
    },
  })
  expect(targets(rule)).toEqual(['drydock-repair'])
})

test('each alarm says who suffers and where to read on', () => {
  const alarms = Object.values(service.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  )

  expect(alarms.map(({ AlarmName }) => String(AlarmName)).toSorted()).toEqual([
    'drydock-audit-failing',
    'drydock-audit-mends',
    'drydock-hosts-quarantined',
    'drydock-sweep-failing',
    'drydock-sweep-silent',
  ])
  for (const { AlarmDescription, AlarmActions } of alarms) {
    expect(AlarmDescription).toMatch(/ docs\/runbook\.md#[a-z-]+$/)
    expect(AlarmActions).toBeUndefined()
  }
})

test('silence counts as an alarm, not as missing data', () => {
  const [silence] = Object.values(
    service.findResources('AWS::CloudWatch::Alarm', { Properties: { AlarmName: 'drydock-sweep-silent' } }),
  )

  expect(silence?.['Properties']).toMatchObject({
    TreatMissingData: 'breaching',
    ComparisonOperator: 'LessThanThreshold',
  })
})

test('alarms tell the topic that operators named', () => {
  const alarmTopicArn = 'arn:aws:sns:eu-west-1:123456789012:operators'

  const { service: notifying } = synthesized({ alarmTopicArn })

  for (const { Properties } of Object.values(notifying.findResources('AWS::CloudWatch::Alarm'))) {
    expect(Properties.AlarmActions).toEqual([alarmTopicArn])
  }
})

test('a host that stays quarantined for half an hour is an alarm', () => {
  const [alarm] = Object.values(
    service.findResources('AWS::CloudWatch::Alarm', {
      Properties: { AlarmName: 'drydock-hosts-quarantined' },
    }),
  )

  expect(alarm?.['Properties']).toMatchObject({
    Namespace: 'Drydock',
    MetricName: 'Quarantined',
    Dimensions: [{ Name: 'Part', Value: 'sweep' }],
    Statistic: 'Minimum',
    Period: 300,
    EvaluationPeriods: 6,
  })
})
