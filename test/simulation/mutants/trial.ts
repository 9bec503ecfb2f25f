import process from 'node:process'
import { createWatch } from '../checks/watch.ts'
import { runSeed } from '../run.ts'
import type { ProfileName } from '../watch.ts'

/** What became of the seeds from `first` to `last`: it stops at the first one that breaks a rule. */
export type Verdict =
  | { readonly caught: false; readonly seeds: number }
  | {
      readonly caught: true
      readonly seeds: number
      readonly seed: number
      readonly profile: ProfileName
      readonly violations: readonly string[]
    }

/** Some mutants show only where nothing else goes wrong, others only where everything does. */
const ROUND: readonly ProfileName[] = ['calm', 'storm', 'weather', 'calm', 'storm', 'deaths']

/** Runs in a process of its own, so that it is the copy beside this very file that is judged. */
const [first, last] = process.argv.slice(2).map(Number)
if (first === undefined || last === undefined) throw new Error('from which seed to which?')
process.stdout.write(JSON.stringify(await tried(first, last)))

async function tried(from: number, to: number): Promise<Verdict> {
  for (let seed = from; seed <= to; seed++) {
    const profile = ROUND[seed % ROUND.length] ?? 'storm'
    const { violations } = await runSeed({ seed, profile, createWatch })
    if (violations.length > 0) return { caught: true, seeds: seed - from + 1, seed, profile, violations }
  }
  return { caught: false, seeds: to - from + 1 }
}
