import { expect, test } from 'vitest'
import type { EventRuleResource, ScheduleResource, Target } from '../../../infra/local/assembly/types.ts'
import { startEvents } from '../../../infra/local/events/bus.ts'
import type { Deliver } from '../../../infra/local/events/bus.ts'
import { startEventService } from '../../../infra/local/events/server.ts'
import { handClock } from '../support/clock.ts'

const start = Date.UTC(2026, 0, 1)
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/)

test('an event goes to every target of each rule that matches it, on its bus', async () => {
  const { events, delivered } = running({
    rules: [
      aRule({ pattern: { detail: { status: ['FAILED'] } }, targets: [{ arn: 'one' }, { arn: 'two' }] }),
      aRule({ pattern: { detail: { status: ['ABORTED'] } }, targets: [{ arn: 'three' }] }),
      aRule({ pattern: { source: ['app'] }, bus: 'other', targets: [{ arn: 'four' }] }),
      aRule({ pattern: { source: ['app'] }, enabled: false, targets: [{ arn: 'five' }] }),
    ],
  })

  const id = events.emit({
    source: 'app',
    detailType: 'Changed',
    detail: { status: 'FAILED' },
    resources: ['r'],
  })
  await events.close()

  const event = {
    version: '0',
    id,
    'detail-type': 'Changed',
    source: 'app',
    account: '111122223333',
    time: '2026-01-01T00:00:00Z',
    region: 'eu-west-1',
    resources: ['r'],
    detail: { status: 'FAILED' },
  }
  expect(delivered).toEqual([
    ['one', event],
    ['two', event],
  ])
})

test.each<[string, Omit<Target, 'arn'>, unknown]>([
  ['a constant', { input: '{"a":1}' }, { a: 1 }],
  ['a part', { inputPath: '$.detail' }, { name: 'a "b"', n: 2 }],
  ['a missing part', { inputPath: '$.detail.other' }, null],
  [
    'a filled template',
    {
      transformer: {
        paths: { name: '$.detail.name', n: '$.detail.n', all: '$.detail' },
        template:
          '{"name":<name>,"text":"<name> has <n> of <unknown>","all":<all>,"rule":<aws.events.rule-name>}',
      },
    },
    { name: 'a "b"', text: 'a "b" has 2 of <unknown>', all: { name: 'a "b"', n: 2 }, rule: 'rule' },
  ],
])('a target gets %s', async (_, input, expected) => {
  const { events, delivered } = running({
    rules: [aRule({ pattern: { source: ['app'] }, targets: [{ arn: 'one', ...input }] })],
  })

  events.emit({ source: 'app', detailType: 'Changed', detail: { name: 'a "b"', n: 2 } })
  await events.close()

  expect(delivered).toEqual([['one', expected]])
})

test('a schedule fires by its own reckoning: late timers do not push later ones, missed ones count once', async () => {
  const { events, delivered, clock } = running({ schedules: [aSchedule({ input: '{"sweep":true}' })] })

  const counts: number[] = []
  for (const milliseconds of [59_999, 1, 60_000, 200_000, 39_999, 1]) {
    clock.advance(milliseconds)
    counts.push(delivered.length)
  }
  await events.close()

  expect(counts).toEqual([0, 1, 2, 5, 5, 6])
  expect(delivered[0]).toEqual(['one', { sweep: true }])
  expect(clock.armed()).toBe(0)
})

test('a timer that rings early is set again', async () => {
  const rings: (() => void)[] = []
  let now = start
  const clock = { now: () => now, after: (_: number, fire: () => void) => (rings.push(fire), () => {}) }
  const delivered: string[] = []
  const events = startEvents({
    rules: [],
    schedules: [aSchedule()],
    place: { region: 'r', account: 'a' },
    clock,
    deliver: async (arn) => void delivered.push(arn),
    onLog: () => {},
  })

  now += 59_999
  rings.shift()?.()
  const early = delivered.length
  now += 1
  rings.shift()?.()
  await events.close()

  expect([early, delivered.length]).toEqual([0, 1])
})

test('without input a schedule or a scheduled rule gives the service’s own event', async () => {
  const { events, delivered, clock } = running({
    schedules: [aSchedule()],
    rules: [aRule({ schedule: 'rate(1 minute)', targets: [{ arn: 'two' }] })],
  })

  clock.advance(60_000)
  await events.close()

  const shared = {
    version: '0',
    id: uuid,
    'detail-type': 'Scheduled Event',
    account: '111122223333',
    time: '2026-01-01T00:01:00Z',
    region: 'eu-west-1',
  }
  expect(delivered).toEqual([
    ['two', { ...shared, source: 'aws.events', resources: ['rule-arn'], detail: {} }],
    ['one', { ...shared, source: 'aws.scheduler', resources: ['schedule-arn'], detail: '{}' }],
  ])
})

test('a delivery that fails is logged and stops nothing', async () => {
  const { events, delivered, logs } = running({
    rules: [aRule({ pattern: { source: ['app'] }, targets: [{ arn: 'broken' }, { arn: 'one' }] })],
  })

  events.emit({ source: 'app', detailType: 'Changed', detail: {} })
  await events.close()

  expect(delivered.map(([arn]) => arn)).toEqual(['one'])
  expect(logs).toEqual(['events: rule could not reach broken: Error: no'])
})

test('PutEvents answers entry by entry', async () => {
  const { events, delivered } = running({
    rules: [aRule({ pattern: { source: ['app'] }, targets: [{ arn: 'one' }] })],
  })
  const service = await startEventService({ emit: (event) => events.emit(event), onLog: () => {} })
  const entry = {
    Source: 'app',
    DetailType: 'Changed',
    Detail: '{"a":1}',
    EventBusName: 'arn:aws:events:r:a:event-bus/default',
  }

  const response = await fetch(service.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ Entries: [entry, { ...entry, Detail: 'no' }, { Source: 'app' }] }),
  })
  await service.close()
  await events.close()

  expect(await response.json()).toEqual({
    FailedEntryCount: 2,
    Entries: [
      { EventId: uuid },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required.' },
    ],
  })
  expect(delivered.length).toBe(1)
})

test('another time zone than UTC is refused at once', () => {
  expect(() => running({ schedules: [{ ...aSchedule(), timezone: 'Europe/Berlin' }] })).toThrow(/only UTC/)
})

function running(options: { rules?: readonly EventRuleResource[]; schedules?: readonly ScheduleResource[] }) {
  const clock = handClock(start)
  const delivered: [string, unknown][] = []
  const logs: string[] = []
  const deliver: Deliver = async (arn, input) => {
    if (arn === 'broken') throw new Error('no')
    delivered.push([arn, input])
  }
  const events = startEvents({
    rules: options.rules ?? [],
    schedules: options.schedules ?? [],
    place: { region: 'eu-west-1', account: '111122223333' },
    clock,
    deliver,
    onLog: (line) => logs.push(line),
  })
  return { events, delivered, logs, clock }
}

function aRule(overrides: Partial<EventRuleResource>): EventRuleResource {
  return {
    stackName: 'App',
    logicalId: 'Rule',
    name: 'rule',
    arn: 'rule-arn',
    bus: 'default',
    enabled: true,
    targets: [],
    ...overrides,
  }
}

function aSchedule(target: Omit<Target, 'arn'> = {}): ScheduleResource {
  return {
    stackName: 'App',
    logicalId: 'Schedule',
    name: 'schedule',
    arn: 'schedule-arn',
    expression: 'rate(1 minute)',
    timezone: 'UTC',
    enabled: true,
    target: { arn: 'one', ...target },
  }
}
