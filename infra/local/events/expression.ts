import { parseCron } from './cron.ts'

/** The first instant after `after` at which a schedule is due; undefined: never again. Epoch milliseconds. */
export type Next = (after: number) => number | undefined

const unitMilliseconds = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/**
 * `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-01-01T03:00:00)`, in UTC. A rate counts from `start`, so that
 * late firings do not push the later ones. Throws on what it cannot read.
 */
export function parseExpression(expression: string, start: number): Next {
  const [, kind = '', body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? []
  switch (kind) {
    case 'rate':
      return rate(body, start, expression)
    case 'cron':
      return parseCron(body)
    case 'at':
      return once(body, expression)
    default:
      throw new Error(`${expression} is no schedule expression`)
  }
}

function rate(body: string, start: number, expression: string): Next {
  const [, count = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? []
  const every = Number(count) * (isUnit(unit) ? unitMilliseconds[unit] : 0)
  if (every <= 0) throw new Error(`${expression} is no rate of whole minutes, hours or days`)
  return (after) => start + (Math.max(0, Math.floor((after - start) / every)) + 1) * every
}

function once(body: string, expression: string): Next {
  const due = Date.parse(`${body}Z`)
  if (Number.isNaN(due)) throw new Error(`${expression} names no time`)
  return (after) => (due > after ? due : undefined)
}

function isUnit(unit: string): unit is keyof typeof unitMilliseconds {
  return unit in unitMilliseconds
}
