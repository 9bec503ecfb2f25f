import { expect, test } from 'vitest'
import { createSsmHosts } from '../../../lib/adapters/ssm/hosts.ts'
import { readInvocation } from '../../../lib/adapters/ssm/result.ts'

const target = {
  name: 'managed',
  transport: 'ssm',
  instance: 'i-0123456789abcdef0',
  directory: '/var/lib/drydock',
} as const

type Reply = object | Error

/** The adapter over a service that answers each action with one thing, and then with the same again. */
function over(replies: { readonly send?: Reply; readonly look?: Reply }) {
  let now = 0
  const send = async (command: { readonly constructor: { readonly name: string } }) => {
    const sending = command.constructor.name === 'SendCommandCommand'
    const reply = sending ? (replies.send ?? { Command: { CommandId: 'c' } }) : (replies.look ?? {})
    if (reply instanceof Error) throw reply
    return reply
  }
  const sleep = async (milliseconds: number) => {
    now += milliseconds
  }
  return createSsmHosts({
    client: { send },
    document: 'drydock-host',
    clock: { now: () => now, sleep },
    fraction: () => 0.5,
    opaque: () => 'id',
    script: { text: '', sha256: '0'.repeat(64) },
  })
}

const failure = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error(`${name} said so`), { name, $metadata: { httpStatusCode } })

test.each([
  ['Pending', 'Pending'],
  ['InProgress', 'InProgress'],
  ['Delayed', 'Delayed'],
] as const)('%s says nothing yet', (Status, StatusDetails) => {
  const answer = readInvocation({ Status, StatusDetails, StandardOutputContent: '' })

  expect(answer).toBeUndefined()
})

test.each([
  ['TimedOut', 'DeliveryTimedOut', 'unreachable'],
  ['TimedOut', 'Delivery Timed Out', 'unreachable'],
  ['TimedOut', 'ExecutionTimedOut', 'unreachable'],
  ['Failed', 'Undeliverable', 'unreachable'],
  ['Failed', 'Terminated', 'unreachable'],
] as const)('%s, %s: the host was not reached', (Status, StatusDetails, code) => {
  const answer = readInvocation({ Status, StatusDetails })

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code })
})

test('a command that somebody cancelled is tried again, and is nobody’s fault', () => {
  const answer = readInvocation({ Status: 'Cancelled', StatusDetails: 'Cancelled' })

  expect(answer).toMatchObject({ kind: 'busy' })
})

test.each([
  ['throttling by its name', failure('ThrottlingException', 400), 'busy'],
  ['throttling by its status', failure('Unknown', 429), 'busy'],
  ['a service that is broken', failure('InternalServerError', 500), 'busy'],
  ['a connection that is broken', failure('TimeoutError'), 'busy'],
  ['a node that is not there', failure('InvalidInstanceId', 400), 'unreachable'],
  ['a node that is not marked as a host', failure('AccessDeniedException', 400), 'authentication_failed'],
])('%s while sending', async (_what, send, expected) => {
  const answer = await over({ send }).probe(target)

  expect('code' in answer ? answer.code : answer.kind).toBe(expected)
})

test.each([
  ['what we sent is wrong', { send: failure('InvalidParameters', 400) }],
  ['a look is not allowed', { look: failure('AccessDeniedException', 400) }],
])('%s: that is a fault of our own', async (_what, replies) => {
  const answer = over(replies).probe(target)

  await expect(answer).rejects.toThrow('said so')
})

test('a disk without room is known by what the document said before it ended', async () => {
  const look = {
    Status: 'Failed',
    StatusDetails: 'Failed',
    ResponseCode: 1,
    StandardErrorContent: 'cat: write error: No space left on device',
  }

  const answer = await over({ look }).probe(target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'disk_full' })
})

test('a host that keeps asking for the script is not asked for ever', async () => {
  const look = { Status: 'Success', StandardOutputContent: 'document script\nend\n' }

  const answer = await over({ look }).probe(target)

  expect(answer).toMatchObject({ kind: 'failed', fault: 'host', code: 'script_failed' })
})
