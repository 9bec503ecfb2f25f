import { createHardRepository } from '../../host/poisons/repository.ts'
import { cloneOf } from '../../host/poisons/trees.ts'
import { openFleet } from '../../support/fleet/fleet.ts'
import { SERVERS } from '../../support/fleet/host.ts'
import { naively } from './naive.ts'
import { type Ending, type Poison, poisonRound } from './round.ts'

export interface Matrix {
  readonly servers: string
  readonly seconds: number
  /** Poison -> ending, or `naive` -> what was wrong; nothing where all was exact. */
  readonly outcomes: ReadonlyMap<string, Readonly<Record<Ending | 'naive', string>>>
  readonly processesLeft: number
}

/** Who waits for an expiry waits for a minute, so those have a pool of their own. */
const POOLS = { patient: ['expiry'], quick: ['release', 'cancel'] } as const
type Pool = keyof typeof POOLS
/** Leases at a time on each pool: a small machine has no room for many more at once. */
const SLOTS = 12

/** All poisons, each through leases that end in each of the ways, and through the naive cleaning. */
export async function poisonMatrix(poisons: readonly Poison[], isolation?: string): Promise<Matrix> {
  const repository = createHardRepository()
  const commits = { release: repository.first, expiry: repository.second, cancel: repository.first }
  const slots = Math.min(SLOTS, poisons.length)
  const host = (pool: Pool) => ({ name: `${pool}-host`, pool, slots, ...(isolation && { isolation }) })
  const hosts = [host('patient'), host('quick')]
  const fleet = await openFleet({ repository: repository.directory, hosts })
  const began = Date.now()
  const found = new Map<Ending | 'naive', Map<string, string>>()
  const inPool = async (pool: Pool): Promise<void> => {
    for (const ending of POOLS[pool]) {
      const commit = commits[ending]
      const clone = cloneOf(repository, commit)
      const outcomes = new Map<string, string>()
      found.set(ending, outcomes)
      for (let from = 0; from < poisons.length; from += slots) {
        const some = filled(poisons.slice(from, from + slots), slots)
        const round = { pool, ending, poisons: some, repository, commit, clone }
        for (const [name, wrong] of await poisonRound(fleet, round)) outcomes.set(name, wrong)
      }
    }
  }
  let left: readonly number[] = []
  try {
    await Promise.all([inPool('patient'), inPool('quick')])
  } finally {
    left = await fleet.close()
  }
  const seconds = Math.round((Date.now() - began) / 1_000)
  const clone = cloneOf(repository, repository.first)
  found.set('naive', new Map(poisons.map((poison) => [poison[0], naively(repository, clone, poison)])))
  repository.close()
  const outcomeOf = (name: string, column: Ending | 'naive') => found.get(column)?.get(name) ?? 'not tried'
  const outcomes = new Map(
    poisons.map(([name]) => [
      name,
      {
        release: outcomeOf(name, 'release'),
        expiry: outcomeOf(name, 'expiry'),
        cancel: outcomeOf(name, 'cancel'),
        naive: outcomeOf(name, 'naive'),
      },
    ]),
  )
  return { servers: SERVERS, seconds, outcomes, processesLeft: left.length }
}

/** As many as there are slots, so that whoever comes next can only get one of theirs. */
const filled = (some: readonly Poison[], slots: number): readonly Poison[] => [
  ...some,
  ...Array.from({ length: slots - some.length }, (): Poison => ['nothing at all', ':']),
]
