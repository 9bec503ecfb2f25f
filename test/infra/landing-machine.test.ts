import { expect, test } from 'vitest'
import { landingMachine } from '../../infra/machines/landing.ts'
import { ERRORS } from '../../lib/contract/machines.ts'
import { play } from './support/play.ts'

const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:drydock-${name}`
const definition = JSON.stringify(
  landingMachine({
    partition: 'aws',
    tableName: 'table',
    landArn: arn('land'),
    landAtHostArn: arn('land-at-host'),
  }),
)
const input = { landingId: '01J8ZB2WJ3N3W5V6G7Q8R9S0T1' }
/** A function of two parts is known here by its last one. */
const HOST = 'host'
const wait = (route: string, told: number) => ({ route, timeoutSeconds: 600, told })
const namesOf = (calls: readonly (readonly [string, unknown])[]) => calls.map(([name]) => name)

test('from its turn to its end', async () => {
  const land = [
    wait('TURN', 0),
    wait('LEASE', 1),
    { route: 'MERGE' },
    wait('STEP', 2),
    { route: 'PUSH' },
    { route: 'DONE' },
  ]
  const host = [{ route: 'DECIDE' }, { route: 'DECIDE' }]

  const played = await play(definition, input, { land, [HOST]: host }, ['awakened', 'awakened', 'awakened'])

  expect(played.status).toBe('SUCCEEDED')
  expect(namesOf(played.calls)).toEqual([
    'land',
    'wait',
    'land',
    'wait',
    'land',
    HOST,
    'land',
    'wait',
    'land',
    HOST,
    'land',
  ])
  expect(played.calls.filter(([name]) => name === 'land' || name === HOST).map(([, told]) => told)).toEqual(
    Array.from({ length: 8 }, () => input),
  )
})

test('who waits does so only while it was told nothing since it looked', async () => {
  const land = [wait('LEASE', 7), { route: 'DONE' }]

  const played = await play(definition, input, { land }, ['changed'])

  expect(played.status).toBe('SUCCEEDED')
  expect(played.updates).toEqual([
    expect.objectContaining({
      Key: { PK: { S: `LAND#${input.landingId}` }, SK: { S: 'META' } },
      ConditionExpression: '#status = :status AND told = :told',
      ExpressionAttributeValues: {
        ':token': { S: expect.any(String) },
        ':status': { S: 'leasing' },
        ':told': { N: '7' },
      },
    }),
  ])
})

test('a wait that cannot be begun rests before the record is looked at again', async () => {
  const land = [wait('TURN', 0), wait('TURN', 0), wait('TURN', 0), { route: 'DONE' }]

  const passed = await play(definition, input, { land }, ['changed', 'changed', 'changed'])
  const refused = await play(definition, input, { land }, ['refused', 'refused', 'refused'])

  expect([passed.status, refused.status]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect(passed.took).toBeLessThan(15_000)
  expect(refused.took).toBeGreaterThanOrEqual(3 * 15_000)
})

test('a host that is not done is asked again after the time that it names', async () => {
  const land = [{ route: 'MERGE' }, { route: 'MERGE' }, { route: 'DONE' }]
  const host = [{ route: 'YIELD', seconds: 3 }, { route: 'DECIDE' }]

  const played = await play(definition, input, { land, [HOST]: host })

  expect(namesOf(played.calls)).toEqual(['land', HOST, 'land', HOST, 'land'])
})

test.each([
  ['a host’s function fails', { land: [{ route: 'PUSH' }, { route: 'DONE' }], [HOST]: ['Error'] }],
  ['the deciding one fails for long', { land: [...Array<string>(9).fill('Error'), { route: 'DONE' }] }],
  ['the table is busy', { land: [ERRORS.tableBusy, { route: 'DONE' }] }],
  ['a route is not known yet', { land: [{ route: 'LATER' }, { route: 'DONE' }] }],
])('it goes on when %s', async (_, script) => {
  const { status } = await play(definition, input, script)

  expect(status).toBe('SUCCEEDED')
})
