import process from 'node:process'
import { parseArgs } from 'node:util'
import { copyBase } from './copy.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import type { Row } from './report.ts'
import { line, table, wasCaught } from './report.ts'
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

const base = await copyBase()
try {
  process.exitCode = (await tryAll()) ? 0 : 1
} finally {
  await base.remove()
}

/** True when the code as it is breaks no rule, and every mutant one, over the same seeds. */
async function tryAll(): Promise<boolean> {
  console.log(
    `${wanted.length} mutants, at most ${seeds} seeds each; first ${control} seeds of the code as it is`,
  )
  if (!(await isClean(control))) return false
  const rows: Row[] = []
  const left = [...wanted]
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(left, rows)))
  const most = Math.max(0, ...rows.map((row) => (wasCaught(row) ? (row.verdict?.seeds ?? 0) : 0)))
  console.log(`\n${table(wanted, rows)}\n`)
  if (most > control) {
    console.log(`the code as it is over the ${most} seeds that the hardest one took`)
    if (!(await isClean(most))) return false
  }
  const lost = rows.filter((row) => !wasCaught(row)).length
  console.log(lost === 0 ? `All ${wanted.length} mutants were caught.` : `${lost} mutants were not caught.`)
  return lost === 0
}

async function isClean(count: number): Promise<boolean> {
  if (count === 0) return true
  const verdict = await tryControl(base, count)
  if (verdict.caught)
    console.error(`The code as it is breaks rules at seed ${verdict.seed} (${verdict.profile}):`)
  if (verdict.caught) console.error(verdict.violations.slice(0, 10).join('\n'))
  return !verdict.caught
}

async function work(left: Mutant[], rows: Row[]): Promise<void> {
  for (let mutant = left.shift(); mutant; mutant = left.shift()) {
    const row = await tried(mutant)
    rows.push(row)
    console.log(line(row))
  }
}

async function tried(mutant: Mutant): Promise<Row> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1_000
  try {
    const verdict = await tryMutant(base, mutant, seeds)
    return { mutant, verdict, seconds: seconds() }
  } catch (error) {
    return { mutant, failure: error instanceof Error ? error.message : String(error), seconds: seconds() }
  }
}
