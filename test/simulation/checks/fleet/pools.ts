import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** What the sweep looks at are the pools of the registry: one that it does not name is repaired by nobody. */
export const poolsAreKnown: CreateRule = ({ shadow }) => ({
  says: 'a pool is in the registry for as long as its blueprint is there',
  *committed(commit) {
    const names = [
      ...changesOf(commit, 'blueprint').map(({ of }) => of.blueprint),
      ...changesOf(commit, 'pool').map(({ of }) => of.pool),
    ]
    for (const name of new Set(names)) {
      const isPool = shadow.blueprints.get(name)?.['type'] === 'host'
      if (isPool && !shadow.pools.has(name)) yield `pool ${name} is not in the registry`
    }
  },
})
