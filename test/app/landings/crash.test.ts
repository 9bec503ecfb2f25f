import { expect, test } from 'vitest'
import type { FakeRemote } from '../../../lib/adapters/memory/remote.ts'
import { createFakeRemote } from '../../../lib/adapters/memory/remote.ts'
import type { Landing } from '../../../lib/domain/landing/landing.ts'
import type { Moment } from '../../support/death.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { dieEverywhere, insist, pass } from '../support/mortality.ts'
import { land, landingNow, sourceId, START } from './landings.ts'

const verify = [{ name: 'check', script: 'make', timeoutSeconds: 600 }]
const CONFLICT = sourceId(2)

/** Each world has a remote of its own. */
const options = (remotes: FakeRemote[]): WorldOptions => ({
  hosts: { alpha: 2 },
  landing: { branches: ['main'], allow: ['acme'] },
  fakeHosts: {
    get remote() {
      const remote = createFakeRemote({
        conflicts: (source) => (source === CONFLICT ? ['a.txt'] : undefined),
      })
      remote.setHead('example', 'main', START)
      remotes.push(remote)
      return remote
    },
  },
})

/** Three landings on one branch, one of which does not fit; each asked for until there is an answer. */
async function threeLandings(world: World): Promise<readonly string[]> {
  const ids: string[] = []
  for (const number of [1, 2, 3]) {
    const landing = await insist(async () =>
      land(world, { source: sourceId(number), verify: number === 1 ? verify : [] }),
    )
    ids.push(landing.id)
  }
  for (let minute = 0; minute < 2; minute++) await pass(world)
  return ids
}

test.each(['before', 'after'] as const)(
  'a death %s any call on the way of three landings: each lands once, in order, or says why not',
  async (moment: Moment) => {
    const remotes: FakeRemote[] = []
    const died = await dieEverywhere(
      {
        world: options(remotes),
        act: threeLandings,
        minutes: 5,
        damage: async (world, ids) => {
          const landings = await Promise.all(ids.map(async (id) => landingNow(world, id)))
          return damageOf(landings, remotes.at(-1))
        },
      },
      moment,
    )

    expect(died.calls).toBeGreaterThan(100)
    expect(died.damage).toEqual([])
  },
)

function damageOf(landings: readonly Landing[], remote: FakeRemote | undefined): readonly string[] {
  const came = landings.map((landing) =>
    landing.status === 'ended' ? landing.outcome.result : landing.status,
  )
  const order = remote?.landed('example', 'main') ?? []
  const wanted = [landings[0]?.id, landings[2]?.id]
  return [
    ...(came.join() === 'landed,conflict,landed' ? [] : [`they came to ${came.join()}`]),
    ...(order.join() === wanted.join() ? [] : [`the branch has ${order.join()}`]),
  ]
}
