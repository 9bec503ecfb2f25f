import type { JobReport } from './clients/report.ts'
import type { Race, RaceOptions } from './race/race.ts'
import type { Restarts, Time } from './restart/restart.ts'
import type { Verdict } from './checks/verdict.ts'

type Line = readonly [what: string, figure: string | number]

/** Lines of a table, the figures in one column. */
export function shown(title: string, lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([what]) => what.length))
  return [`\n${title}`, ...lines.map(([what, figure]) => `  ${what.padEnd(width)}  ${figure}`)].join('\n')
}

export const linesOfRace = (found: Race, { seed, leases, slots }: RaceOptions): readonly Line[] => [
  ['seed', seed],
  ['leases, slots', `${leases}, ${slots}`],
  ['until the last client was done', `${found.seconds.clients} s`],
  ['until everything was over', `${found.seconds.all} s`],
  ['processes killed', counted(found.killed)],
  ['... in the middle of a step', counted(found.executions.struck)],
  ...linesOfClients(found.jobs),
  ['sweeps called, of them cut short', `${found.repairs.sweeps}, ${found.repairs.broken}`],
  ['... found', counted(found.repairs.found)],
  ['leases looked at before their timer', found.repairs.late],
  ['executions left', found.executions.running.length],
  ...linesOfVerdict(found),
]

export const linesOfRestarts = ({ times, jobs, left }: Restarts): readonly Line[] => {
  const kills = times.flatMap((time) => time.kills)
  const last = times.at(-1)
  const spread = (of: (time: Time) => number) =>
    `${Math.min(...times.map(of))} to ${Math.max(...times.map(of))} ms`
  return [
    ['times', times.length],
    [
      'kills: alone, everything',
      ['alone', 'everything'].map((how) => kills.filter(({ death }) => death === how).length).join(', '),
    ],
    ['leases alive when the stack was killed', times.map(({ living }) => living).join(' ')],
    ['start until it serves', spread(({ start }) => start)],
    ['start until everything is over', spread(({ rest }) => rest)],
    ...linesOfClients(jobs),
    ['executions and processes left', left.length],
    ...(last ? linesOfVerdict(last.verdict) : []),
  ]
}

const linesOfClients = (jobs: readonly JobReport[]): readonly Line[] => {
  const sum = (of: (job: JobReport) => number) => jobs.reduce((total, job) => total + of(job), 0)
  return [
    ['POSTs repeated with their key', sum(({ repeated }) => repeated)],
    ['... answered as replays', sum(({ replayed }) => replayed)],
    ['requests failed or not answered', counted(summed(jobs.map(({ failed }) => failed)))],
  ]
}

function summed(figures: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {}
  for (const [what, number] of figures.flatMap((one) => Object.entries(one))) {
    total[what] = (total[what] ?? 0) + number
  }
  return total
}

const linesOfVerdict = ({ leases, holdings, requeues, reasons, violations }: Verdict): readonly Line[] => [
  ['leases, holdings', `${leases}, ${holdings}`],
  ['put back into the queue because', counted(requeues)],
  ['destroyed because', counted(reasons)],
  ...Object.entries(violations).map(([rule, found]): Line => [`violations: ${rule}`, found.length]),
]

export const counted = (figures: Readonly<Record<string, number>>): string =>
  Object.entries(figures)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${what} ${number}`)
    .join(', ') || 'none'
