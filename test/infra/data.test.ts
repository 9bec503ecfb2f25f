import { expect, test } from 'vitest'
import { synthesized } from './support/synthesized.ts'

const deployed = synthesized()

test('there is one table, on demand, restorable to any second, without index or stream', () => {
  const { data, assembly } = deployed

  data.hasResourceProperties('AWS::DynamoDB::Table', {
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  })
  expect(assembly.tables).toHaveLength(1)
  expect(assembly.tables[0]).toMatchObject({ timeToLiveAttribute: 'ttl' })
  expect(assembly.tables[0]?.definition).toEqual({
    TableName: expect.any(String),
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'PK', AttributeType: 'S' },
      { AttributeName: 'SK', AttributeType: 'S' },
    ],
  })
})

test.each([
  { throwaway: false, policy: 'Retain', rule: 'the table outlives its stack' },
  { throwaway: true, policy: 'Delete', rule: 'the table of a trial goes with its stack' },
])('$rule', ({ throwaway, policy }) => {
  const { data } = synthesized({ throwaway })

  const [table] = Object.values(data.findResources('AWS::DynamoDB::Table'))
  expect(table).toMatchObject({
    DeletionPolicy: policy,
    UpdateReplacePolicy: policy,
    Properties: { DeletionProtectionEnabled: !throwaway },
  })
})

test('no issuer is trusted until an operator names one', () => {
  const parameters = deployed.assembly.parameters.map(({ name, type, value }) => ({ name, type, value }))

  expect(parameters).toEqual([{ name: '/drydock/issuers', type: 'String', value: '[]' }])
})
