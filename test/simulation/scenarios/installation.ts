import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { Catalogue, HostSpec } from '../../../lib/app/config/read-config.ts'
import type { Blueprint } from '../../../lib/domain/catalogue.ts'
import type { Simulation } from '../simulation.ts'
import type { Random } from '../kernel/random.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** What an operator of a small installation declares: pools, hosts, recipes, remotes, quotas. */
export function drawCatalogue(random: Random): Catalogue {
  const pools = Array.from({ length: random.pick([1, 1, 2, 2, 3, 4]) }, (_, at) => `pool-${at}`)
  /** Half of the installations have hardly any slots, so that there is a queue. */
  const tight = random.chance(0.5)
  const limits = () => ({
    activationTime: random.between(60, 180) * SECOND,
    maxHold: (random.chance(0.2) ? random.between(20, 30) : random.between(3, 8)) * MINUTE,
    ...(random.chance(0.3) ? { yields: random.between(2, 12) } : {}),
  })
  const hosts = pools.flatMap((pool) =>
    Array.from({ length: tight ? 1 : random.between(1, 3) }, (_, at) =>
      hostSpec(`${pool}-host-${at}`, pool, tight ? random.between(1, 2) : random.between(1, 3)),
    ),
  )
  const copies = Array.from({ length: random.between(1, 3) }, (_, at): Blueprint => ({
    name: `copies-${at}`,
    type: 'working-copy',
    pools: random.some(pools, 4),
    allow: ['*'],
    limits: limits(),
  }))
  const tenants = Array.from({ length: random.between(1, 3) }, (_, at) => ({
    name: `tenant-${at}`,
    leases: random.chance(0.3) ? random.between(2, 5) : random.between(30, 60),
  }))
  return {
    blueprints: byName([
      ...pools.map((name): Blueprint => ({ name, type: 'host', allow: ['*'], limits: limits() })),
      ...copies,
    ]),
    repositories: byName(
      ['one', 'two', 'three'].map((name) => ({
        name,
        url: `https://git.example/${name}.git`,
        defaultBranch: 'main',
        allowFile: false,
      })),
    ),
    hosts: byName(hosts),
    tenants: byName(tenants),
  }
}

export const hostSpec = (name: string, pool: string, capacity: number): HostSpec => ({
  name,
  pool,
  transport: 'ssh',
  address: '192.0.2.1',
  port: 22,
  user: 'ci',
  hostKey: `SHA256:${'A'.repeat(43)}`,
  directory: '.drydock',
  capacity,
})

const byName = <T extends { readonly name: string }>(list: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(list.map((one) => [one.name, one]))

/** Applies the configuration until it is wholly there. */
export async function install({ kernel, request }: Simulation, catalogue: Catalogue): Promise<void> {
  let there = false
  const attempt = async (): Promise<void> => {
    while (!there) {
      const ran = await request((ports) => applyConfig(ports, catalogue, { dryRun: false, remove: false }))
      there = ran.ok && ran.value.ok && ran.value.value.changes.length === 0
      if (!there) await kernel.sleep(200)
    }
  }
  void attempt()
  await kernel.run(Infinity, () => there)
}
