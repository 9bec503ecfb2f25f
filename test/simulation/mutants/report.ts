import { RULES } from '../checks/rules.ts'
import { createShadow } from '../checks/shadow.ts'
import type { Conditions } from '../watch.ts'
import type { Mutant } from './mutant.ts'
import type { Verdict } from './trial.ts'

const CALM: Conditions = { seed: 0, profile: 'calm', calmFrom: 0, skew: 0 }

/** What became of a mutant. */
export interface Row {
  readonly mutant: Mutant
  readonly verdict?: Verdict
  /** Why it could not be tried. */
  readonly failure?: string
  readonly seconds: number
}

export const wasCaught = ({ verdict }: Row): boolean => verdict?.caught === true

/** While it goes on. */
export function line({ mutant, verdict, failure, seconds }: Row): string {
  const took = `${seconds.toFixed(0)} s`
  if (failure !== undefined) return `FAILED    ${mutant.name}: ${failure.slice(0, 500)}`
  if (verdict?.caught !== true) return `SURVIVED  ${mutant.name}, ${verdict?.seeds ?? 0} seeds, ${took}`
  return `caught    ${mutant.name}, seed ${verdict.seed} (${verdict.profile}), ${took}`
}

/** In the order of the list, whoever came in first. */
export function table(mutants: readonly Mutant[], rows: readonly Row[]): string {
  const cells = mutants.map((mutant) => {
    const verdict = rows.find((row) => row.mutant === mutant)?.verdict
    if (verdict?.caught !== true) return [mutant.name, 'nobody', '', '']
    return [mutant.name, ruleOf(verdict), `${verdict.seed} (${verdict.profile})`, String(verdict.seeds)]
  })
  const all = [['Mutant', 'Caught by', 'Seed', 'Seeds'], ...cells]
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  const padded = all.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)))
  return padded.map((row) => row.join('  ').trimEnd()).join('\n')
}

/** The rules of the checks say best what was broken; others that were broken with them come after. */
function ruleOf({ violations }: Extract<Verdict, { caught: true }>): string {
  const sentences = violations.map((violation) => violation.split(': ')[0] ?? '')
  return sentences.find((sentence) => SAYINGS.has(sentence)) ?? sentences[0] ?? ''
}

const SAYINGS: ReadonlySet<string> = new Set(
  RULES.map((create) => create({ shadow: createShadow(), conditions: CALM }).says),
)
