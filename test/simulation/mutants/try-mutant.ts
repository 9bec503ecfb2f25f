import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Base } from './copy.ts'
import { changedSources, inCopy } from './copy.ts'
import type { Mutant } from './mutant.ts'
import type { Verdict } from './trial.ts'

const execute = promisify(execFile)

/** A mutant that neither breaks a rule nor comes to an end is none that says anything. Milliseconds. */
const LONGEST = 900_000

/** Simulates the mutant, seed by seed from 1 on, until a rule is broken; at most so many. */
export async function tryMutant(base: Base, mutant: Mutant, seeds: number): Promise<Verdict> {
  return inCopy(base, await changedSources(base.directory, mutant), (directory) => trial(directory, seeds))
}

/** The code as it is, in a copy like the mutants': it must break no rule. */
export async function tryControl(base: Base, seeds: number): Promise<Verdict> {
  return inCopy(base, new Map(), (directory) => trial(directory, seeds))
}

async function trial(directory: string, seeds: number): Promise<Verdict> {
  const program = join(directory, 'test/simulation/mutants/trial.ts')
  const { stdout } = await execute(process.execPath, [program, '1', String(seeds)], {
    cwd: directory,
    timeout: LONGEST,
    maxBuffer: 64 * 1024 * 1024,
  })
  return JSON.parse(stdout) as Verdict
}
