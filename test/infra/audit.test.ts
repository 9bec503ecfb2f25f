import { expect, test } from 'vitest'
import { synthesized } from './support/synthesized.ts'

const { service, assembly } = synthesized()

test('the audit runs every hour, and the next one is its retry', () => {
  const rule = assembly.eventRules.find(({ targets }) =>
    targets.some(({ arn }) => arn.endsWith(':drydock-audit')),
  )
  const audit = assembly.functions.find(({ name }) => name === 'drydock-audit')

  expect(rule).toMatchObject({ schedule: 'rate(1 hour)', enabled: true })
  expect(audit).toMatchObject({ timeoutSeconds: 900, retryAttempts: 0, maximumEventAgeSeconds: 3_600 })
})

test('one audit that fails is an alarm', () => {
  const [alarm] = Object.values(
    service.findResources('AWS::CloudWatch::Alarm', { Properties: { AlarmName: 'drydock-audit-failing' } }),
  )

  expect(alarm?.['Properties']).toMatchObject({
    MetricName: 'Errors',
    Period: 3_600,
    Threshold: 1,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  })
})

test('one thing that the audit had to mend is an alarm', () => {
  const [alarm] = Object.values(
    service.findResources('AWS::CloudWatch::Alarm', { Properties: { AlarmName: 'drydock-audit-mends' } }),
  )

  expect(alarm?.['Properties']).toMatchObject({
    Namespace: 'Drydock',
    MetricName: 'Mended',
    Dimensions: [{ Name: 'Part', Value: 'audit' }],
    Statistic: 'Sum',
    Threshold: 1,
    EvaluationPeriods: 1,
  })
})
