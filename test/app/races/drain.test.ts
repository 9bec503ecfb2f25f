import { expect, test } from 'vitest'
import type { Commit } from '../../../lib/adapters/memory/table.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { cleanSlot } from '../../../lib/app/lifecycle/clean.ts'
import { destroyLease } from '../../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../../lib/app/lifecycle/finalize.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { setSlotAside } from '../../../lib/app/transactions/finish.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { holder, openWorld } from '../../support/world.ts'
import { by, leasesNow, seen, slotsNow } from '../support/look.ts'
import { createTurns } from '../support/turns.ts'

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1)

/** How often a lease was given a slot of this host by these commits. */
const acquisitions = (commits: readonly Commit[], host: string): number =>
  commits.flatMap(({ before, after }) =>
    after.filter((item, index) => {
      const given = item?.PK === `H#${host}` && item.SK.startsWith('S#') && item['state'] === 'held'
      return given && (before[index]?.['state'] !== 'held' || before[index]['epoch'] !== item['epoch'])
    }),
  ).length

/** Three slots: two of them held and about to be given back, one dirty; and two leases that wait. */
async function busy(seed: number, commits: Commit[]) {
  const turn = createTurns(seed)
  const world = await openWorld({
    seed,
    hosts: { alpha: 2, beta: 1 },
    turn,
    committed: (commit) => commits.push(commit),
  })
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await world.ask()).leaseId)
  await world.settle()
  world.halt(true)
  for (const id of ids) await releaseLease(world.ports, holder(id), id, 'ok')
  const [soiled = '', ...ending] = ids
  const lease = await seen(world, soiled, 'released')
  const slot = slotsNow(world, lease.slot.host)[lease.slot.number]
  if (slot?.state !== 'held') throw new Error('not as arranged')
  await setSlotAside(world.ports, lease, slot, 'dirty', by(world))
  for (let count = 0; count < 2; count++) await world.ask()
  /** The operator comes when the others have made some of their calls. */
  const later = async () => {
    for (let calls = 0; calls < seed % 20; calls++) await turn()
  }
  return { world, dirty: lease.slot, ending, later }
}

/** Everything at once that gives slots away: requests, last steps of leases, a cleaning. */
const everybody = (
  world: World,
  dirty: { readonly host: string; readonly number: number },
  ending: readonly string[],
) => [
  ...Array.from({ length: 4 }, async () => world.ask()),
  ...ending.map(async (id) => {
    const { confirmed } = await destroyLease(world.ports, id)
    await finalizeLease(world.ports, id, confirmed)
  }),
  cleanSlot(world.ports, dirty.host, dirty.number, 0),
]

test('once a drain has answered no slot of its host is given away, whatever is going on', async () => {
  let given = 0
  let earlier = 0

  for (const seed of SEEDS) {
    const commits: Commit[] = []
    const { world, dirty, ending, later } = await busy(seed, commits)
    commits.length = 0
    const work = everybody(world, dirty, ending)
    await later()
    await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))
    const answered = commits.length
    await Promise.all(work)

    given += acquisitions(commits.slice(answered), 'alpha')
    earlier += acquisitions(commits.slice(0, answered), 'alpha')
    expect(violations(world.table.items())).toEqual([])
  }

  expect(given).toBe(0)
  // Otherwise nothing has raced.
  expect(earlier).toBeGreaterThan(10)
})

test('a host that comes back while everybody is at work leaves no waiter beside a free slot', async () => {
  for (const seed of SEEDS) {
    const { world, dirty, ending } = await busy(seed, [])
    await changeHost(world.ports, 'alpha', { state: 'draining' }, by(world))

    await Promise.all([
      ...everybody(world, dirty, ending),
      changeHost(world.ports, 'alpha', { state: 'active' }, by(world)),
    ])

    const free = ['alpha', 'beta'].flatMap((host) =>
      slotsNow(world, host).filter((slot) => slot.state === 'free'),
    )
    expect(Math.min(leasesNow(world, 'pending').length, free.length)).toBe(0)
    expect(violations(world.table.items())).toEqual([])
  }
})

test('drains and returns that race leave every slot as the last one wants it', async () => {
  for (const seed of SEEDS) {
    const { world, dirty, ending } = await busy(seed, [])

    await Promise.all([
      ...everybody(world, dirty, ending),
      changeHost(world.ports, 'alpha', { state: 'draining' }, by(world, 'one')),
      changeHost(world.ports, 'alpha', { state: 'active' }, by(world, 'another')),
      changeHost(world.ports, 'alpha', { state: 'disabled' }, by(world, 'a third')),
      sweep(world.ports),
    ])

    expect(violations(world.table.items())).toEqual([])
  }
})

test('once a loss has answered no lease holds a slot of its host as active', async () => {
  for (const seed of SEEDS) {
    const { world, dirty, ending, later } = await busy(seed, [])
    const work = everybody(world, dirty, ending)
    await later()

    await loseHost(world.ports, 'alpha', 'burnt', by(world))
    const holding = [...leasesNow(world, 'acquired'), ...leasesNow(world, 'active')]

    expect(holding.filter((item) => (item['slot'] as { host?: string }).host === 'alpha')).toEqual([])
    await Promise.all(work)
    expect(violations(world.table.items())).toEqual([])
  }
})
