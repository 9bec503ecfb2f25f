import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { exampleCatalogue } from '../../../infra/local/trial/catalogue.ts'
import { ensureExampleRepository } from '../../../infra/local/trial/repository.ts'
import { openScratch } from '../../../infra/local/trial/scratch.ts'
import { serve } from '../../../infra/local/trial/serve.ts'
import { seededFraction } from '../../support/seeded.ts'
import { createKiller, LANDING_FUNCTIONS, LANDING_GAP } from '../kills/killer.ts'
import { shown } from '../shown.ts'
import { landingRace } from './race.ts'
import { landingViolations } from './verdict.ts'

const CLASH_EVERY = 5

/** Landings on one branch over two hosts, with kills; what it prints, and what must not be. */
export async function landingScenario(options: {
  readonly seed: number
  readonly landings: number
  readonly sweepEvery: number
}): Promise<{ readonly printed: string; readonly broken: readonly string[] }> {
  const { seed, landings } = options
  const killer = createKiller(seededFraction(seed), LANDING_FUNCTIONS, LANDING_GAP)
  const scratch = openScratch()
  const example = ensureExampleRepository(join(scratch.directory, 'example.git'))
  const at = { url: pathToFileURL(example).href, defaultBranch: 'main' }
  const stack = await serve({
    hosts: ['alpha', 'beta'],
    catalogue: (hosts) => exampleCatalogue(hosts, 2, at),
    onInvoke: killer.onInvoke,
  })
  try {
    const directory = join(scratch.directory, 'landings')
    mkdirSync(directory)
    chmodSync(directory, 0o755)
    const found = await landingRace(stack, killer, { ...options, clashEvery: CLASH_EVERY, directory })
    const broken = landingViolations(found, CLASH_EVERY)
    const cameTo = (result: string) => found.landings.filter((one) => one.result === result).length
    const lines = [
      ['seed', seed],
      ['landings asked for at once', landings],
      ['landed', cameTo('landed')],
      ['conflicts, each with its files', cameTo('conflict')],
      ['requests that came twice', found.replays],
      ['processes killed', told(found.killed)],
      ['... in the middle of a step', told(found.executions.struck)],
      ['leases lost under them', found.landings.reduce((sum, { losses }) => sum + losses, 0)],
      ['seconds', found.seconds],
      ['violations', broken.length],
    ] as const
    return { printed: shown('Landings on one branch', lines), broken }
  } finally {
    await stack.close()
    scratch.remove()
  }
}

const told = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')
