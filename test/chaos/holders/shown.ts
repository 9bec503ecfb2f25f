import { SERVERS } from '../../support/fleet/host.ts'
import { shown } from '../shown.ts'
import type { Forgotten, Holders } from './rounds.ts'

/** Seconds after the end of its ttl within which a forgotten lease's slot is clean and with the next waiter. */
export const LATEST: Readonly<Record<Forgotten, number>> = { 'holder killed': 5, 'execution stopped': 120 }

export const shownHolders = ({ handed, processesLeft }: Holders, level: string): string =>
  shown(
    `Leases that nobody gives back, hosts with ${SERVERS}, level ${level}: slot clean and with the next waiter`,
    [
      ...(['holder killed', 'execution stopped'] as const).flatMap((how) => {
        const late = handed
          .filter((one) => one.how === how)
          .map((one) => one.late)
          .toSorted((a, b) => a - b)
        const at = (share: number) => `${late[Math.min(late.length - 1, Math.floor(late.length * share))]} s`
        const line = `median ttl + ${at(0.5)}, 95 % ttl + ${at(0.95)}, latest ttl + ${at(1)}`
        return late.length === 0 ? [] : [[`${how}, ${late.length} times`, line] as const]
      }),
      ['processes left', processesLeft],
    ],
  )

export const brokenHolders = ({ handed, processesLeft }: Holders): readonly string[] => [
  ...handed.flatMap(({ how, late, reason }) => [
    ...(late >= 0 && late <= LATEST[how] ? [] : [`${how}: ttl + ${late} s`]),
    ...(reason === 'expired' ? [] : [`${how}: the lease ended because ${reason}`]),
  ]),
  ...(processesLeft === 0 ? [] : [`${processesLeft} processes are left`]),
]
