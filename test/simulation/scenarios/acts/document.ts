import { applyConfig } from '../../../../lib/app/config/apply-config.ts'
import type { Catalogue, HostSpec } from '../../../../lib/app/config/read-config.ts'
import type { Blueprint } from '../../../../lib/domain/catalogue.ts'
import { hostSpec } from '../installation.ts'
import type { Act, Scene } from './act.ts'

const MOST_SLOTS = 4

/** The whole document, as it is wanted now: what it leaves out goes. */
export const apply = (scene: Scene, what: string): Promise<void> =>
  scene.request(what, (ports) => applyConfig(ports, scene.wanted, { dryRun: false, remove: true }))

export const applyAgain: Act = async (scene) => apply(scene, 'apply again')

export const addHost: Act = async (scene) => {
  const { random, wanted } = scene
  const pool = random.pick(hostBlueprints(wanted))
  const name = `${pool}-more-${Object.keys(wanted.hosts).length}`
  declare(scene, hostSpec(name, pool, random.between(1, 2)))
  await apply(scene, 'add a host')
}

export const removeHost: Act = async (scene) => {
  const host = pickHost(scene)
  if (host) await removed(scene, host.name)
}

/** Whether a lease holds it or not; another one of its name comes at once, later, or never. */
export async function removed(scene: Scene, name: string): Promise<void> {
  const { random, wanted } = scene
  const host = wanted.hosts[name]
  if (!host) return
  forget(scene, name)
  await apply(scene, 'remove a host')
  if (random.chance(0.3)) return
  await scene.sleep(random.pick([0, random.between(0, 5_000), random.between(0, 90_000)]))
  await returnAs(scene, { ...host, capacity: random.between(1, MOST_SLOTS) })
}

/** A smaller host is another one: it goes and comes. */
async function returnAs(scene: Scene, host: HostSpec): Promise<void> {
  if (!hostBlueprints(scene.wanted).includes(host.pool)) return
  declare(scene, host)
  await apply(scene, 'register a removed host anew')
}

export const growHost: Act = async (scene) => {
  const host = pickHost(scene)
  if (!host || host.capacity >= MOST_SLOTS) return
  declare(scene, { ...host, capacity: host.capacity + 1 })
  await apply(scene, 'give a host more slots')
}

/** Refused while the host is there; whoever then wants the old document again gets it. */
export const shrinkHost: Act = async (scene) => {
  const host = pickHost(scene)
  if (!host || host.capacity < 2) return
  const hosts = { ...scene.wanted.hosts, [host.name]: { ...host, capacity: host.capacity - 1 } }
  const document = { ...scene.wanted, hosts }
  await scene.request('ask for fewer slots of a host', (ports) =>
    applyConfig(ports, document, { dryRun: false, remove: true }),
  )
}

/** With its hosts; those who wait for it wait on. Mostly it comes back. */
export const removePool: Act = async (scene) => {
  const { random, first, wanted } = scene
  const pools = hostBlueprints(wanted)
  if (pools.length < 2) return
  const pool = random.pick(pools)
  scene.wanted = withoutPool(wanted, pool)
  await apply(scene, 'remove a pool')
  if (random.chance(0.3)) return
  await scene.sleep(random.between(0, 120_000))
  const blueprints = Object.values(first.blueprints).filter(
    (blueprint) => isAbout(blueprint, pool) && canBe(scene.wanted, blueprint, pool),
  )
  const hosts = Object.values(wanted.hosts).filter((host) => host.pool === pool)
  scene.wanted = {
    ...scene.wanted,
    blueprints: { ...scene.wanted.blueprints, ...byName(blueprints) },
    hosts: { ...scene.wanted.hosts, ...byName(hosts) },
  }
  await apply(scene, 'make a removed pool anew')
}

/** One for working copies; those who wait under it wait on, or are served when it is there again. */
export const removeBlueprint: Act = async (scene) => {
  const { random, wanted } = scene
  const copies = Object.values(wanted.blueprints).filter(({ type }) => type === 'working-copy')
  if (copies.length === 0) return
  const blueprint = random.pick(copies)
  const { [blueprint.name]: _, ...others } = wanted.blueprints
  scene.wanted = { ...wanted, blueprints: others }
  await apply(scene, 'remove a blueprint')
  if (random.chance(0.3)) return
  await scene.sleep(random.between(0, 60_000))
  if (!canBe(scene.wanted, blueprint)) return
  scene.wanted = { ...scene.wanted, blueprints: { ...scene.wanted.blueprints, [blueprint.name]: blueprint } }
  await apply(scene, 'make a removed blueprint anew')
}

/** Often below what lives; what lives stays. */
export const changeQuota: Act = async (scene) => {
  const { random, wanted } = scene
  const tenant = random.pick(Object.values(wanted.tenants))
  const leases = random.pick([0, random.between(1, 4), random.between(1, 4), random.between(5, 60)])
  scene.wanted = { ...wanted, tenants: { ...wanted.tenants, [tenant.name]: { ...tenant, leases } } }
  await apply(scene, leases < tenant.leases ? 'lower a quota' : 'raise a quota')
}

function pickHost({ random, wanted }: Scene): HostSpec | undefined {
  const hosts = Object.values(wanted.hosts)
  return hosts.length === 0 ? undefined : random.pick(hosts)
}

function declare(scene: Scene, host: HostSpec): void {
  scene.wanted = { ...scene.wanted, hosts: { ...scene.wanted.hosts, [host.name]: host } }
}

function forget(scene: Scene, name: string): void {
  const { [name]: _, ...others } = scene.wanted.hosts
  scene.wanted = { ...scene.wanted, hosts: others }
}

const hostBlueprints = ({ blueprints }: Catalogue): readonly string[] =>
  Object.values(blueprints)
    .filter(({ type }) => type === 'host')
    .map(({ name }) => name)

/** Working copies on other pools, too, do without this one. */
function withoutPool(wanted: Catalogue, pool: string): Catalogue {
  const blueprints = Object.values(wanted.blueprints)
    .filter(({ name }) => name !== pool)
    .map((blueprint) =>
      blueprint.type === 'host'
        ? blueprint
        : { ...blueprint, pools: blueprint.pools.filter((name) => name !== pool) },
    )
    .filter((blueprint) => blueprint.type === 'host' || blueprint.pools.length > 0)
  const hosts = Object.values(wanted.hosts).filter((host) => host.pool !== pool)
  return { ...wanted, blueprints: byName(blueprints), hosts: byName(hosts) }
}

const isAbout = (blueprint: Blueprint, pool: string): boolean =>
  blueprint.type === 'host' ? blueprint.name === pool : blueprint.pools.includes(pool)

/** All pools that it names are there, or come with it. */
const canBe = (wanted: Catalogue, blueprint: Blueprint, coming?: string): boolean =>
  blueprint.type === 'host' ||
  blueprint.pools.every((pool) => pool === coming || Object.hasOwn(wanted.blueprints, pool))

const byName = <T extends { readonly name: string }>(list: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(list.map((one) => [one.name, one]))
