import { expect, test } from 'vitest'
import type { CheckoutState, Disk, HostAnswer } from '../../../lib/app/ports/hosts.ts'
import { done } from '../../../lib/adapters/memory/host-fence.ts'
import type { Lease } from '../../../lib/domain/lease.ts'
import { isWarm } from '../../../lib/domain/working-copy.ts'
import { violations } from '../../support/invariants.ts'
import { ask, copiesNow, copiesWorld, goneNow, namesNow, release, use } from '../support/copies.ts'
import { hostNow, statesNow } from '../support/look.ts'

const slotIn = (lease: Lease) => {
  if (!('slot' in lease) || !lease.slot) throw new Error('it has no slot')
  return lease.slot
}

test('a host whose disk is below its floor takes no new lease, and says why', async () => {
  const disk = { freeBytes: 10 * 1024 * 1024, totalBytes: 10 ** 12 }
  const world = await copiesWorld(
    {},
    { fakeHosts: { disk: () => disk, checkout: ({ commit }) => proven(commit, disk) } },
  )

  const lease = await ask(world, 'example')
  await world.settle()

  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
  expect(hostNow(world, 'alpha')).toMatchObject({
    state: 'quarantined',
    reason: 'disk_nearly_full: 10 MiB are free',
  })
})

const proven = (commit: string, disk: Disk): HostAnswer<CheckoutState> =>
  done({
    state: 'done',
    receipt: { commit, tree: commit, path: '/copies', files: 1, fetched: false, milliseconds: 1 },
    disk,
  })

/** A disk that fills by 4 KiB for each copy on it, has room for so many, and is seen by each checkout. */
async function smallDisk(copies: number, hosts: Readonly<Record<string, number>>) {
  const totalBytes = copies * 4_096
  const seen: { disk: () => Disk } = { disk: () => ({ freeBytes: totalBytes, totalBytes }) }
  const world = await copiesWorld(
    { perSlot: 9 },
    {
      hosts,
      fakeHosts: {
        disk: () => seen.disk(),
        checkout: ({ commit }) => proven(commit, seen.disk()),
      },
    },
  )
  seen.disk = () => {
    const slots = Object.entries(hosts).flatMap(([host, count]) =>
      Array.from({ length: count }, (_, number) => `${host}/${number}`),
    )
    const used = slots.reduce((sum, slot) => sum + world.hosts.copies.names(slot).length, 0)
    return { freeBytes: totalBytes - used * 4_096, totalBytes }
  }
  return world
}

test('above the budget the least recently used idle copy of the host goes, whichever slot it is on', async () => {
  const world = await smallDisk(4.2, { alpha: 2 })
  world.halt(true)
  const first = await ask(world, 'example')
  const second = await ask(world, 'two')
  world.halt(false)
  await world.settle()
  await world.advance(1_000)
  await release(world, first)
  await world.advance(1_000)
  await release(world, second)
  await world.advance(1_000)
  await use(world, 'three')
  await world.advance(1_000)
  const before = copiesNow(world).filter(isWarm)

  const { number } = slotIn(await world.lease(await use(world, 'four')))

  const idle = before.filter((copy) => copy.number !== number)
  const [oldest] = idle.toSorted((one, other) => one.usedAt - other.usedAt)
  expect(goneNow(world)).toMatchObject([{ reason: 'disk', name: oldest?.name }])
  expect(namesNow(world)).toHaveLength(3)
  expect(statesNow(world, 'alpha')).toEqual(['free', 'free'])
  expect(violations(world.table.items())).toEqual([])
})

test('a copy that a lease has stays, however full the disk is', async () => {
  const world = await smallDisk(1, { alpha: 1 })

  const lease = await ask(world, 'example')
  await world.settle()

  expect(await world.lease(lease)).toMatchObject({ status: 'active' })
  expect(namesNow(world)).toEqual(['example'])
  expect(statesNow(world, 'alpha')).toEqual(['held'])
})
