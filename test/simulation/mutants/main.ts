import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import type { Verdict } from './trial.ts'
import { tryControl, tryMutant } from './try-mutant.ts'

const USAGE = 'npm run simulate:mutants -- [--seeds 1000] [--control 200] [--only part-of-a-name]'

/** Mutants that are tried beside each other. */
const AT_ONCE = 2

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    control: { type: 'string', default: '200' },
    only: { type: 'string', default: '' },
  },
})
const [seeds, control] = [Number(values.seeds), Number(values.control)]
const wanted = MUTANTS.filter(({ name }) => name.includes(values.only))
if (!(seeds > 0) || !(control >= 0) || wanted.length === 0) {
  console.error(USAGE)
  process.exit(2)
}

interface Row {
  readonly mutant: Mutant
  readonly verdict?: Verdict
  readonly failure?: string
  readonly seconds: number
}

console.log(
  `${wanted.length} mutants, at most ${seeds} seeds each; the code as it is over ${control} seeds first`,
)
const clean = await tryControl(control)
if (clean.caught)
  fail(`The code as it is breaks rules at seed ${clean.seed}:\n${clean.violations.join('\n')}`)

const rows: Row[] = []
const left = [...wanted]
await Promise.all(Array.from({ length: AT_ONCE }, work))
const most = Math.max(...rows.map(({ verdict }) => (verdict?.caught === true ? verdict.seeds : 0)))
if (most > control) {
  console.log(`the code as it is over the ${most} seeds that the last mutant took`)
  const again = await tryControl(most)
  if (again.caught)
    fail(`The code as it is breaks rules at seed ${again.seed}:\n${again.violations.join('\n')}`)
}
console.log(table(rows))
const lost = rows.filter(({ verdict }) => verdict?.caught !== true)
console.log(lost.length === 0 ? 'Every mutant was caught.' : `${lost.length} were not caught.`)
process.exitCode = lost.length === 0 ? 0 : 1

async function work(): Promise<void> {
  for (let mutant = left.shift(); mutant; mutant = left.shift()) {
    const started = performance.now()
    const row = await outcome(mutant)
    rows.push({ mutant, ...row, seconds: (performance.now() - started) / 1_000 })
    console.log(line(rows.at(-1)))
  }
}

async function outcome(mutant: Mutant): Promise<Pick<Row, 'verdict' | 'failure'>> {
  try {
    return { verdict: await tryMutant(mutant, seeds) }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

function line(row: Row | undefined): string {
  if (!row) return ''
  const { mutant, verdict, failure, seconds } = row
  const took = `${seconds.toFixed(0)} s`
  if (failure !== undefined) return `FAILED    ${mutant.name}: ${failure.slice(0, 500)}`
  if (verdict?.caught !== true) return `SURVIVED  ${mutant.name}, ${seeds} seeds, ${took}`
  return `caught    ${mutant.name}, seed ${verdict.seed} (${verdict.profile}), ${took}`
}

/** In the order of the list, whoever came in first. */
function table(done: readonly Row[]): string {
  const cells = wanted.map((mutant) => {
    const verdict = done.find((row) => row.mutant === mutant)?.verdict
    if (verdict?.caught !== true) return [mutant.name, 'nobody', '', '']
    const [rule = ''] = (verdict.violations[0] ?? '').split(': ')
    return [mutant.name, rule, `${verdict.seed} (${verdict.profile})`, String(verdict.seeds)]
  })
  const all = [['Mutant', 'Caught by', 'Seed', 'Seeds'], ...cells]
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
