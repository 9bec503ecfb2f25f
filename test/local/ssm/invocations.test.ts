import { expect, test } from 'vitest'
import type { End, Invocation } from '../../../infra/local/ssm/commands/invocation.ts'
import { mayBegin, see } from '../../../infra/local/ssm/commands/invocation.ts'

const sent: Invocation = {
  commandId: 'c',
  instanceId: 'i',
  documentName: 'd',
  stepName: 's',
  sentAt: 0,
  visibleAt: 100,
  deliverBy: 60_000,
}
const end = (more: Partial<End> = {}): End => ({
  at: 2_000,
  knownAt: 2_500,
  how: 'exited',
  exitCode: 0,
  stdout: 'out',
  stderr: 'err',
  ...more,
})
const running: Invocation = { ...sent, deliveredAt: 500 }

test.each<[rule: string, invocation: Invocation, at: number, status: string | undefined, details?: string]>([
  ['nothing is known of a command that was just sent', sent, 99, undefined],
  ['a command that no node has yet is pending', sent, 100, 'Pending', 'Pending'],
  ['a command that no node had in time is timed out', sent, 60_000, 'TimedOut', 'DeliveryTimedOut'],
  ['a command that a node has is in progress', running, 600, 'InProgress', 'InProgress'],
  ['its end is known a while later', { ...running, end: end() }, 2_499, 'InProgress', 'InProgress'],
  ['an exit with 0 is a success', { ...running, end: end() }, 2_500, 'Success', 'Success'],
  [
    'an exit with another code is a failure',
    { ...running, end: end({ exitCode: 3 }) },
    2_500,
    'Failed',
    'Failed',
  ],
  [
    'a script that took too long is timed out',
    { ...running, end: end({ how: 'timed-out' }) },
    2_500,
    'TimedOut',
    'ExecutionTimedOut',
  ],
  ['a command cancelled before a node had it', { ...sent, cancelledAt: 200 }, 300, 'Cancelled', 'Cancelled'],
  ['a command being cancelled', { ...running, cancelledAt: 700 }, 800, 'Cancelling', 'Cancelling'],
  [
    'a command whose script was ended by that',
    { ...running, cancelledAt: 700, end: end({ how: 'cancelled' }) },
    2_500,
    'Cancelled',
    'Cancelled',
  ],
  [
    'a cancel that came too late changes nothing',
    { ...running, cancelledAt: 1_999, end: end() },
    2_500,
    'Success',
    'Success',
  ],
  [
    'a delivery after the time does not count, whatever it does',
    { ...sent, deliveredAt: 60_000, end: end({ at: 60_100, knownAt: 60_200 }) },
    70_000,
    'TimedOut',
    'DeliveryTimedOut',
  ],
])('%s', (_rule, invocation, at, status, details) => {
  const seen = see(invocation, at)

  expect([seen?.status, seen?.details]).toEqual([status, details])
})

test('output is empty until the end, and comes with it', () => {
  const ended = { ...running, end: end() }

  const outputs = [2_499, 2_500].map((at) => see(ended, at)).map((seen) => [seen?.stdout, seen?.stderr])

  expect(outputs).toEqual([
    ['', ''],
    ['out', 'err'],
  ])
})

test('the first 24,000 characters of stdout and 8,000 of stderr are kept, with a mark where more was', () => {
  const long = { ...running, end: end({ stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9_000) }) }

  const seen = see(long, 3_000)

  expect([seen?.stdout.length, seen?.stderr.length]).toEqual([24_000, 8_000])
  expect(seen?.stdout.endsWith('o--output truncated--')).toBe(true)
})

test.each<[string, Invocation, number, boolean]>([
  ['in time', sent, 59_999, true],
  ['too late', sent, 60_000, false],
  ['after it was cancelled', { ...sent, cancelledAt: 1 }, 2, false],
])('an agent that gets a command %s begins or not', (_when, invocation, at, begins) => {
  const may = mayBegin(invocation, at)

  expect(may).toBe(begins)
})
