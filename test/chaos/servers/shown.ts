import { SERVERS } from '../../support/fleet/host.ts'
import { violationsOf } from '../checks/verdict.ts'
import { counted, shown } from '../shown.ts'
import type { Servers } from './rounds.ts'
import { PHASES } from './trap.ts'

/** Two pauses between sweeps, seconds. */
const TWO_SWEEPS = 120

export function shownServers(
  { rounds, verdict, processesLeft }: Servers,
  level: string,
  seed: number,
): string {
  const strikes = rounds.flatMap((round) => round.strikes)
  const rests = rounds.map(({ rest }) => rest).toSorted((a, b) => a - b)
  return shown(`SSH servers killed in the middle of a verb, hosts with ${SERVERS}, level ${level}`, [
    ['seed', seed],
    ...PHASES.map((phase) => {
      const own = strikes.filter((one) => one.phase === phase)
      const middle = own.filter((one) => one.middle)
      return [`killed at ${phase}`, `${own.length}, the verb still under way: ${middle.length}`] as const
    }),
    ['leases, holdings', `${verdict.leases}, ${verdict.holdings}`],
    ['put back into the queue because', counted(verdict.requeues)],
    ['destroyed because', counted(verdict.reasons)],
    [
      'server back until every slot is free',
      `median ${rests[Math.floor(rests.length / 2)]} s, most ${rests.at(-1)} s`,
    ],
    ['violations', violationsOf(verdict).length],
    ['processes left', processesLeft],
  ])
}

export const brokenServers = ({ rounds, verdict, processesLeft }: Servers): readonly string[] => [
  ...violationsOf(verdict),
  ...rounds.flatMap(({ rest }) =>
    rest > TWO_SWEEPS ? [`slots were not free within two sweeps: ${rest} s`] : [],
  ),
  ...(processesLeft === 0 ? [] : [`${processesLeft} processes are left`]),
]
