import { createFakeRemote } from '../../../lib/adapters/memory/remote.ts'
import type { FakeRemote, FakeRemoteOptions } from '../../../lib/adapters/memory/remote.ts'
import { createLanding } from '../../../lib/app/landings/create-landing.ts'
import type { LandingDemand } from '../../../lib/app/landings/judge-landing.ts'
import { readLanding } from '../../../lib/app/store/landing-item.ts'
import type { Landing } from '../../../lib/domain/landing/landing.ts'
import type { Result } from '../../../lib/domain/refusals.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { catalogue, CI, openWorld } from '../../support/world.ts'

export const START = 'a'.repeat(40)

/** A full id for the n-th source. */
export const sourceId = (number: number): string => number.toString(16).padStart(40, '5')

export interface LandingWorld {
  readonly world: World
  readonly remote: FakeRemote
}

/** A world whose one repository is open for landings on `main` and `release/…`; `main` is at START. */
export async function openLandingWorld(
  options: WorldOptions & { readonly remote?: FakeRemoteOptions } = {},
): Promise<LandingWorld> {
  const { remote: remoteOptions, fakeHosts, ...rest } = options
  const remote = createFakeRemote(remoteOptions)
  remote.setHead('example', 'main', START)
  const world = await openWorld({
    landing: { branches: ['main', 'release/*'], allow: ['acme'] },
    ...rest,
    fakeHosts: { ...fakeHosts, remote },
  })
  return { world, remote }
}

/** Working copies that may be held so many seconds. */
export const short = (seconds: number): NonNullable<WorldOptions['blueprints']> => {
  const { checkout } = catalogue({}).blueprints
  if (!checkout) throw new Error('the catalogue has no blueprint of working copies')
  return { checkout: { ...checkout, limits: { maxHold: seconds * 1_000 } } }
}

export const demandOf = (change: Partial<LandingDemand> = {}): LandingDemand => ({
  repository: 'example',
  branch: 'main',
  source: sourceId(1),
  strategy: 'squash',
  message: 'Land it',
  committer: { name: 'Robot', email: 'robot@example.org' },
  verify: [],
  dryRun: false,
  blueprint: 'checkout',
  priority: 0,
  ...change,
})

export async function tryLand(
  world: World,
  change: Partial<LandingDemand> = {},
  key = change.source ?? sourceId(1),
  caller = CI,
): Promise<Result<Landing>> {
  const demand = demandOf(change)
  return createLanding(world.ports, caller, demand, { hash: key, requestHash: JSON.stringify(demand) })
}

export async function land(
  world: World,
  change: Partial<LandingDemand> = {},
  key?: string,
): Promise<Landing> {
  const created = await tryLand(world, change, key)
  if (!created.ok) throw new Error(`${created.refusal.refused}: ${created.refusal.detail}`)
  return created.value
}

export async function landingNow(world: World, id: string): Promise<Landing> {
  const landing = await readLanding(world.ports, id)
  if (!landing) throw new Error(`no landing ${id}`)
  return landing
}

/** Lets time pass until it is over. */
export async function ended(world: World, id: string): Promise<Extract<Landing, { status: 'ended' }>> {
  for (let minute = 0; minute < 30; minute++) {
    await world.settle()
    const landing = await landingNow(world, id)
    if (landing.status === 'ended') return landing
    await world.advance(60_000)
  }
  throw new Error(`landing ${id} does not end: it is ${(await landingNow(world, id)).status}`)
}

/** The landing, which must be in that status now. */
export async function during<S extends Landing['status']>(
  world: World,
  id: string,
  status: S,
): Promise<Extract<Landing, { status: S }>> {
  const landing = await landingNow(world, id)
  if (landing.status !== status) throw new Error(`landing ${id} is ${landing.status}, not ${status}`)
  return landing as Extract<Landing, { status: S }>
}
