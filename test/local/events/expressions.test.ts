import { expect, test } from 'vitest'
import { parseExpression } from '../../../infra/local/events/expression.ts'

const start = Date.UTC(2026, 0, 30, 10, 0, 30)

test.each([
  ['rate(1 minute)', ['2026-01-30T10:01:30Z', '2026-01-30T10:02:30Z']],
  ['rate(2 hours)', ['2026-01-30T12:00:30Z', '2026-01-30T14:00:30Z']],
  ['rate(1 day)', ['2026-01-31T10:00:30Z', '2026-02-01T10:00:30Z']],
  ['cron(0 3 * * ? *)', ['2026-01-31T03:00:00Z', '2026-02-01T03:00:00Z']],
  ['cron(0/20 10 * * ? *)', ['2026-01-30T10:20:00Z', '2026-01-30T10:40:00Z', '2026-01-31T10:00:00Z']],
  ['cron(15,45 8-9 ? * MON-FRI *)', ['2026-02-02T08:15:00Z', '2026-02-02T08:45:00Z', '2026-02-02T09:15:00Z']],
  ['cron(0 0 L * ? *)', ['2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z']],
  ['cron(0 0 ? * 6L *)', ['2026-02-27T00:00:00Z', '2026-03-27T00:00:00Z']],
  ['cron(0 0 ? * TUE#2 *)', ['2026-02-10T00:00:00Z', '2026-03-10T00:00:00Z']],
  ['cron(0 0 29 FEB ? *)', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
  ['cron(0 0 1 1 ? 2027-2028)', ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z', undefined]],
  ['at(2026-02-01T08:00:00)', ['2026-02-01T08:00:00Z', undefined]],
])('%s', (expression, expected) => {
  const next = parseExpression(expression, start)

  const instants: (string | undefined)[] = []
  let at: number | undefined = start
  while (at !== undefined && instants.length < expected.length) {
    at = next(at)
    instants.push(at === undefined ? undefined : new Date(at).toISOString().replace('.000Z', 'Z'))
  }

  expect(instants).toEqual(expected)
})

test.each([
  'every minute',
  'rate(0 minutes)',
  'rate(1.5 hours)',
  'rate(1 week)',
  'cron(0 3 * * *)',
  'cron(0 3 * * * *)',
  'cron(0 24 * * ? *)',
  'cron(0 3 ? * MOX *)',
  'cron(0 3 W * ? *)',
  'cron(5-1 3 * * ? *)',
  'at(tomorrow)',
])('refuses %s', (expression) => {
  expect(() => parseExpression(expression, start)).toThrow(/expression|rate|cron|time/)
})
