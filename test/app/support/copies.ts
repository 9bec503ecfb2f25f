import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { copyOf, goneCopyOf } from '../../../lib/app/store/copy-item.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import type { Keep, WorkingCopy } from '../../../lib/domain/working-copy.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { catalogue, holder, openWorld } from '../../support/world.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'

export const REPOSITORIES = ['example', 'two', 'three', 'four', 'five'] as const

/** A world whose leases may ask for any of several repositories. */
export async function copiesWorld(keep: Partial<Keep> = {}, options: WorldOptions = {}): Promise<World> {
  const blueprints: Catalogue['blueprints'] = {
    checkout: { name: 'checkout', type: 'working-copy', pools: ['linux'], allow: ['*'], limits: {}, keep },
  }
  const world = await openWorld({ hosts: { alpha: 1 }, ...options, blueprints })
  const wanted = catalogue({ hosts: { alpha: 1 }, ...options, blueprints })
  const repositories = Object.fromEntries(
    REPOSITORIES.map((name) => [
      name,
      { name, url: `https://example.com/${name}.git`, defaultBranch: 'main', allowFile: false },
    ]),
  )
  const applied = await applyConfig(world.ports, { ...wanted, repositories }, { dryRun: false, remove: true })
  if (!applied.ok) throw new Error(applied.refusal.detail)
  await world.settle()
  return world
}

export const ask = async (world: World, repository: string) =>
  (await world.ask({ blueprint: 'checkout', repository })).leaseId

export async function release(world: World, id: string): Promise<void> {
  await releaseLease(world.ports, holder(id), id, 'ok')
  await world.settle()
}

/** A whole lease of a working copy. */
export async function use(world: World, repository: string): Promise<string> {
  const id = await ask(world, repository)
  await world.settle()
  await release(world, id)
  return id
}

/** The records that stand in the table, in the order of their making. */
export const copiesNow = (world: World): readonly WorkingCopy[] =>
  world.table
    .items()
    .filter((item) => item.PK.startsWith('H#') && item.SK.startsWith('W#'))
    .map(copyOf)

export const goneNow = (world: World) =>
  world.table
    .items()
    .filter((item) => item.PK.startsWith('C#'))
    .map(goneCopyOf)

export const namesNow = (world: World): readonly string[] => copiesNow(world).map(({ name }) => name)
