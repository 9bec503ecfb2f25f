import { dollarsOf, minus, plus, polled, PRICES, priceOf, QUANTITIES } from '../cost.ts'
import type { Work } from '../cost.ts'
import { figure } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { HOLD, measureLife, WAIT } from '../virtual/life.ts'

/** Digits of a counted mean, so that the document's prices can be computed from the document's counts. */
const DIGITS = 3
export const LIVES = ['a lease', 'its long polls', 'its command', 'reading its output'] as const
export type Life = (typeof LIVES)[number]

export const costs: Scenario = {
  title: 'What 1,000 leases cost on AWS',
  how: `In virtual time, as for bursts: one slot, leases one after the other, each waits for ${WAIT / 60_000} min and is held for about ${HOLD / 60_000} min with a renewal every third of its ttl of 10 min. Beside the lease itself: the long polls by which its client learns that it is active, one command that runs for all but a minute of the hold, with the function that follows it, and the long polls by which a client reads its output as it comes; each is the difference of two runs. Function seconds: long polls and followers as long as they last, every other call 150 ms, each with the memory that it is deployed with. Polling: the same lease, where a machine looks every 15 s whether it goes on (three transitions, one call of 150 ms, two reads).`,
  run: async () => {
    const alone = await measureLife({})
    const withPolls = await measureLife({ polls: true })
    const withCommand = await measureLife({ command: 'kept' })
    const withOutput = await measureLife({ command: 'read' })
    return costRows({
      'a lease': rounded(alone),
      'its long polls': rounded(minus(withPolls, alone)),
      'its command': rounded(minus(withCommand, alone)),
      'reading its output': rounded(minus(withOutput, withCommand)),
    })
  },
}

/** Counts, and the prices that follow from them. */
export function costRows(counted: Readonly<Record<Life, Work>>): readonly Row[] {
  const {
    'a lease': lease,
    'its long polls': polls,
    'its command': command,
    'reading its output': output,
  } = counted
  const seconds = (WAIT + HOLD) / 1_000
  return [
    ...LIVES.flatMap((life) =>
      QUANTITIES.map((quantity) => countRow(life, quantity, counted[life][quantity])),
    ),
    dollars('1,000 leases', priceOf(lease), '< 1'),
    ...QUANTITIES.map((quantity) =>
      dollars(`of it ${PRICES.of[quantity].what}`, 1_000 * dollarsOf(quantity, lease[quantity])),
    ),
    dollars('1,000 leases, waiting by long polls', priceOf(plus(lease, polls))),
    dollars('likewise, and each with a command that is followed', priceOf(plus(plus(lease, polls), command))),
    dollars(
      'likewise, and its output is read as it comes',
      priceOf(plus(plus(lease, polls), plus(command, output))),
    ),
    dollars('1,000 leases with a machine that polls every 15 s', priceOf(polled(lease, seconds))),
  ]
}

const labelOf = (life: Life, quantity: keyof Work): string => `${life}: ${PRICES.of[quantity].what}`

const countRow = (life: Life, quantity: keyof Work, value: number): Row =>
  figure(labelOf(life, quantity), value, 'a lease', undefined, DIGITS)

const dollars = (what: string, value: number, wanted?: string): Row =>
  figure(what, value, '$', wanted, DIGITS)

/** The counts that such rows hold. */
export function countsIn(rows: readonly Row[]): Readonly<Record<Life, Work>> {
  const value = (label: string): number => {
    const found = rows.find(({ what }) => what === label)
    if (!found) throw new Error(`no row ${label}`)
    return found.p50
  }
  const work = (life: Life) =>
    Object.fromEntries(
      QUANTITIES.map((quantity) => [quantity, value(labelOf(life, quantity))]),
    ) as unknown as Work
  return Object.fromEntries(LIVES.map((life) => [life, work(life)])) as Record<Life, Work>
}

const rounded = (work: Work): Work =>
  Object.fromEntries(
    QUANTITIES.map((quantity) => [quantity, Number(work[quantity].toFixed(DIGITS))]),
  ) as unknown as Work
