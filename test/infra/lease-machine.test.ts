import { expect, test } from 'vitest'
import { leaseMachine } from '../../infra/machines/lease.ts'
import { ERRORS } from '../../lib/contract/machines.ts'
import { play } from './support/play.ts'

const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:drydock-${name}`
const definition = JSON.stringify(
  leaseMachine({
    partition: 'aws',
    tableName: 'leases',
    decideArn: arn('decide'),
    activateArn: arn('activate'),
    destroyArn: arn('destroy'),
    finalizeArn: arn('finalize'),
  }),
)
const run = (script: Parameters<typeof play>[2], fates: Parameters<typeof play>[3] = []) =>
  play(definition, { leaseId: 'A' }, script, fates)

const visits = (count: number) => ({ count, since: 1, version: 1 })
const decision = (count: number, rest: object) => ({ ...rest, visits: visits(count) })
const done = (count = 2) => decision(count, { route: 'DONE' })
const hold = { route: 'HOLD', timeoutSeconds: 3_600, heartbeatSeconds: 600 }

test('a lease goes from the queue through its slot to its end', async () => {
  const { status, calls } = await run(
    {
      decide: [decision(1, { route: 'WAIT', timeoutSeconds: 3_600 }), decision(1, { route: 'DESTROY' })],
      activate: [hold],
      destroy: [{ confirmed: true, route: 'FINALIZE' }],
      finalize: [{ route: 'DONE' }],
    },
    ['awakened', 'awakened'],
  )

  expect(status).toBe('SUCCEEDED')
  expect(calls).toEqual([
    ['decide', { leaseId: 'A' }],
    ['wait', 'pending'],
    ['activate', { leaseId: 'A' }],
    ['wait', 'active'],
    ['decide', { leaseId: 'A', visits: visits(1) }],
    ['destroy', { leaseId: 'A' }],
    ['finalize', { leaseId: 'A', confirmed: true }],
  ])
})

test('a state that waits stores its token in the lease, on condition of the status', async () => {
  const { updates } = await run({ decide: [decision(1, { route: 'KEEP', timeoutSeconds: 900 }), done()] }, [
    'awakened',
  ])

  expect(updates).toEqual([
    {
      TableName: 'leases',
      Key: { PK: { S: 'L#A' }, SK: { S: 'META' } },
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':token': { S: expect.stringMatching(/.{20}/) },
        ':status': { S: 'kept' },
      },
    },
  ])
})

test.each([{ route: 'WAIT', timeoutSeconds: 3_600 }, hold, { route: 'KEEP', timeoutSeconds: 3_600 }])(
  'a lease that moved on before $route could wait is decided again',
  async (answer) => {
    const { status, calls } = await run({ decide: [decision(1, answer), done()] }, ['changed'])

    expect(status).toBe('SUCCEEDED')
    expect(calls.map(([name]) => name)).toEqual(['decide', 'wait', 'decide'])
  },
)

test.each([
  { rule: 'the wait deadline', answer: { route: 'WAIT', timeoutSeconds: 20 } },
  { rule: 'a missing heartbeat', answer: { route: 'HOLD', timeoutSeconds: 3_600, heartbeatSeconds: 20 } },
  { rule: 'the hard maximum', answer: { route: 'HOLD', timeoutSeconds: 20, heartbeatSeconds: 600 } },
  { rule: 'the end of keeping', answer: { route: 'KEEP', timeoutSeconds: 20 } },
])('$rule leads to Decide', async ({ answer }) => {
  const { status, calls } = await run({ decide: [decision(1, answer), done()] }, ['silence'])

  expect(status).toBe('SUCCEEDED')
  expect(calls.map(([name]) => name)).toEqual(['decide', 'wait', 'decide'])
})

test('an activation that yields is called again and again, and told nothing but the lease', async () => {
  const later = { route: 'YIELD', seconds: 5 }

  const { calls } = await run({
    decide: [decision(1, { route: 'ACTIVATE' }), decision(2, { route: 'YIELD', seconds: 5 }), done(3)],
    activate: [later, later, { route: 'DECIDE' }, { route: 'DONE' }],
  })

  const told = calls.filter(([name]) => name === 'activate').map(([, input]) => input)
  expect(told).toEqual(Array.from({ length: 4 }, () => ({ leaseId: 'A' })))
})

test.each([
  { rule: 'WAIT', answer: { route: 'WAIT', timeoutSeconds: 9 } },
  { rule: 'DECIDE', answer: { route: 'DECIDE' } },
  { rule: 'a route nobody knows', answer: { route: 'NEW' } },
  { rule: 'an error', answer: 'TypeError' },
])('after $rule from Activate the lease is decided again', async ({ answer }) => {
  const { status, calls } = await run({
    decide: [decision(1, { route: 'ACTIVATE' }), done()],
    activate: [answer],
  })

  expect(status).toBe('SUCCEEDED')
  expect(calls.map(([name]) => name)).toEqual(['decide', 'activate', 'decide'])
})

test.each([ERRORS.tableBusy, 'Lambda.TooManyRequestsException', 'Lambda.ServiceException'])(
  '%s is a reason to call the same function again',
  async (error) => {
    const { status, calls } = await run({
      decide: [error, decision(1, { route: 'ACTIVATE' })],
      activate: [error, error, { route: 'DESTROY' }],
      destroy: [error, { confirmed: true, route: 'FINALIZE' }],
      finalize: [error, { route: 'DONE' }],
    })

    const names = calls.map(([name]) => name).join(' ')
    expect(status).toBe('SUCCEEDED')
    expect(names).toBe('decide decide activate activate activate destroy destroy finalize finalize')
  },
)

test('a host that cannot be cleaned after three tries leaves a slot that is not confirmed', async () => {
  const { status, calls } = await run({
    decide: [decision(1, { route: 'DESTROY' })],
    destroy: ['Lambda.Unknown', 'Sandbox.Timedout', 'Error'],
    finalize: [{ route: 'DONE' }],
  })

  expect(status).toBe('SUCCEEDED')
  expect(calls.filter(([name]) => name === 'destroy')).toHaveLength(3)
  expect(calls.at(-1)).toEqual(['finalize', { leaseId: 'A', confirmed: false }])
})

test('a lease that must not be destroyed is decided again', async () => {
  const { calls } = await run({
    decide: [decision(1, { route: 'DESTROY' }), done()],
    destroy: [{ confirmed: false, route: 'DECIDE' }],
  })

  expect(calls.map(([name]) => name)).toEqual(['decide', 'destroy', 'decide'])
})

test('a lease that could not be finished is decided again', async () => {
  const { calls } = await run({
    decide: [decision(1, { route: 'DESTROY' }), done()],
    destroy: [{ confirmed: true, route: 'FINALIZE' }],
    finalize: [{ route: 'DECIDE' }],
  })

  expect(calls.map(([name]) => name)).toEqual(['decide', 'destroy', 'finalize', 'decide'])
})

test.each([
  { rule: 'PAUSE', answer: { route: 'PAUSE', seconds: 30 } },
  { rule: 'a route that this machine does not know yet', answer: { route: 'NEW' } },
])('$rule is a pause, and the visits go on', async ({ answer }) => {
  const { status, calls } = await run({ decide: [decision(21, answer), done(22)] })

  expect(status).toBe('SUCCEEDED')
  expect(calls).toEqual([
    ['decide', { leaseId: 'A' }],
    ['decide', { leaseId: 'A', visits: visits(21) }],
  ])
})

test.each([
  { fails: 'decide', script: { decide: Array<string>(4).fill('Error') } },
  {
    fails: 'finalize',
    script: {
      decide: [decision(1, { route: 'DESTROY' })],
      destroy: [{ confirmed: true, route: 'FINALIZE' }],
      finalize: Array<string>(4).fill('Error'),
    },
  },
])(
  'an execution whose $fails fails four times fails itself, for repair to hear of it',
  async ({ fails, script }) => {
    const { status, calls } = await run(script)

    expect(status).toBe('FAILED')
    expect(calls.filter(([name]) => name === fails)).toHaveLength(4)
  },
)
