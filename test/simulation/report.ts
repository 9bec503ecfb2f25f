import { FAULTS } from './faults/profiles.ts'
import type { RunResult } from './run.ts'

type Counts = Record<string, number>

/** What many runs came to. */
export interface Sums {
  readonly runs: Counts
  readonly counts: Counts
  readonly faults: Counts
  readonly judged: Counts
  readonly failed: RunResult[]
}

export const nothingYet = (): Sums => ({ runs: {}, counts: {}, faults: {}, judged: {}, failed: [] })

export function addTo(sums: Sums, result: RunResult): void {
  sums.runs[result.profile] = (sums.runs[result.profile] ?? 0) + 1
  for (const what of ['counts', 'faults', 'judged'] as const) {
    for (const [name, number] of Object.entries(result[what]))
      sums[what][name] = (sums[what][name] ?? 0) + number
  }
  if (result.violations.length > 0) sums.failed.push(result)
}

/** A failed run as it is told: what was broken, and how to see it again. */
export const told = ({ seed, profile, violations }: RunResult): string =>
  [
    `seed ${seed} (${profile}) broke ${violations.length === 1 ? 'a rule' : `${violations.length} rules`}:`,
    ...violations.slice(0, 12).map((sentence) => `  ${sentence}`),
    ...(violations.length > 12 ? [`  and ${violations.length - 12} more`] : []),
    `  see it again: npm run simulate -- --seed ${seed} --profile ${profile} --trace`,
  ].join('\n')

/** Everything that was counted, so that it can be seen that the faults struck and that work was done. */
export function summary({ runs, counts, faults, judged, failed }: Sums, seconds: number): string {
  const total = Object.values(runs).reduce((sum, number) => sum + number, 0)
  const quiet = Object.values(FAULTS)
    .flat()
    .filter((kind) => faults[kind] === undefined)
  return [
    `${total} seeds in ${seconds.toFixed(1)} s, ${(total / seconds).toFixed(1)} seeds/s`,
    `profiles: ${list(runs)}`,
    '',
    'What happened',
    ...rows(counts),
    '',
    'What went wrong on purpose',
    ...rows(faults),
    ...(quiet.length > 0 ? [`  never struck: ${quiet.join(', ')}`] : []),
    '',
    'What the rules judged',
    ...rows(judged),
    '',
    failed.length === 0
      ? '0 violations'
      : `${failed.length} seeds with violations: ${failed.map(({ seed }) => seed).join(', ')}`,
  ].join('\n')
}

const list = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, number]) => `${name} ${number}`)
    .join(', ')

const rows = (counts: Counts): readonly string[] =>
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, number]) => `  ${String(number).padStart(9)}  ${name}`)

/** Of the log what tells of the leases, slots and processes that the violations name; all of it where they name none. */
export function trace({ lines, violations }: Pick<RunResult, 'lines' | 'violations'>): readonly string[] {
  const names = violations.flatMap((sentence) => sentence.match(NAMES) ?? [])
  if (names.length === 0) return lines
  return lines.filter((line) => line.includes('  RULE ') || names.some((name) => line.includes(name)))
}

/** Lease ids, hosts with or without a slot, processes, as sentences name them. */
const NAMES = /[0-9A-HJKMNP-TV-Z]{26}|pool-\d+-\w+-\d+|\b[a-z]+#\d+/g
