import { expect, test } from 'vitest'
import { watchedClock } from './support/clock.ts'
import { machine } from './support/machine.ts'
import { service } from './support/service.ts'

const year = Date.UTC(2026, 0, 1)

const waits: readonly [rule: string, wait: object, milliseconds: number][] = [
  ['Wait takes its seconds', { Seconds: 30 }, 30_000],
  ['Wait takes computed seconds', { Seconds: '{% $states.input.n * 2 %}' }, 4_000],
  ['Wait takes an instant', { Timestamp: '2026-01-01T01:00:00Z' }, 3_600_000],
  ['Wait takes a computed instant', { Timestamp: '{% $fromMillis($millis() + 5000) %}' }, 5_000],
]

test.each(waits)('%s', async (_rule, wait, milliseconds) => {
  const clock = watchedClock(year)
  await using local = await service(
    machine({ A: { Type: 'Wait', ...wait, Output: '{% $states.context.State.EnteredTime %}', End: true } }),
    { clock },
  )
  const arn = await local.start({ n: 2 })

  clock.advance(milliseconds - 1)
  const before = local.changes.length
  clock.advance(1)
  const end = await local.ended(arn)

  expect(before).toBe(1)
  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"2026-01-01T00:00:00.000Z"' })
  expect(end.stopDate).toEqual(new Date(year + milliseconds))
})

test('a timer that rings too early is armed again', async () => {
  const hands = watchedClock(year)
  const hasty = { ...hands, after: (ms: number, fire: () => void) => hands.after(Math.min(ms, 1000), fire) }
  await using local = await service(machine({ A: { Type: 'Wait', Seconds: 2, End: true } }), { clock: hasty })
  const arn = await local.start()

  hands.advance(1000)
  await hands.timer(1)
  const early = local.changes.length
  hands.advance(1000)
  const end = await local.ended(arn)

  expect(early).toBe(1)
  expect(end.stopDate).toEqual(new Date(year + 2000))
})

test('a machine’s own timeout ends the execution', async () => {
  const clock = watchedClock(year)
  await using local = await service(
    machine({ A: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 10 }),
    { clock },
  )
  const arn = await local.start()

  clock.advance(10_000)
  const end = await local.ended(arn)

  expect(end.status).toBe('TIMED_OUT')
})
