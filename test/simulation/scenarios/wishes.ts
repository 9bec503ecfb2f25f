import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import { poolsOf } from '../../../lib/domain/catalogue.ts'
import type { Random } from '../kernel/random.ts'
import type { Wish } from './behaviour.ts'
import { drawBehaviour } from './behaviour.ts'
import { drawCommit } from './commits.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** When leases are asked for, after the start: within this time. */
export const ACTIVE = 10 * MINUTE

/** What clients will ask for. */
export interface Day {
  readonly wishes: readonly Wish[]
  /** Another job that asks for the pool just when one of its leases is released; often none. */
  readonly next: (pool: string) => Wish | undefined
}

/** A day with some bursts, or now and then a rush. */
export const drawDay = (random: Random, catalogue: Catalogue): Day =>
  random.chance(0.12) ? drawRush(random, catalogue) : drawUsual(random, catalogue)

function drawUsual(random: Random, catalogue: Catalogue): Day {
  const count = random.between(8, 40)
  const bursts = Array.from({ length: random.between(0, 3) }, () => random.between(0, ACTIVE))
  const wishes = Array.from({ length: count }, () => {
    const at = bursts.length > 0 && random.chance(0.5) ? random.pick(bursts) : random.between(0, ACTIVE)
    return drawWish(random, catalogue, at)
  })
  return {
    wishes: wishes.toSorted((a, b) => a.at - b.at),
    next: (pool) => (random.chance(0.15) ? drawJob(random, catalogue, pool, 20 * SECOND) : undefined),
  }
}

/** One pool with as many jobs as slots, or one more: whoever is done is followed by the next, so that each release is a race. */
function drawRush(random: Random, catalogue: Catalogue): Day {
  const hosts = Object.values(catalogue.hosts)
  const slotsOf = (name: string) =>
    hosts.reduce((sum, host) => sum + (host.pool === name ? host.capacity : 0), 0)
  const pools = [...new Set(hosts.map(({ pool }) => pool))]
  const [rushed = ''] = pools.toSorted((one, other) => slotsOf(one) - slotsOf(other))
  let left = random.between(40, 100)
  const job = () => ({ ...drawJob(random, catalogue, rushed, 2 * SECOND), copies: 1 })
  return {
    wishes: Array.from({ length: slotsOf(rushed) + random.between(0, 1) }, job),
    next: (pool) => {
      if (pool !== rushed || left <= 0) return undefined
      left -= 1
      return job()
    },
  }
}

/** A short job on any host of the pool. */
function drawJob(random: Random, catalogue: Catalogue, pool: string, longest: number): Wish {
  const { repository: _, commit: _commit, pools: _pools, ...wish } = drawWish(random, catalogue, 0)
  return { ...wish, blueprint: pool, behaviour: 'hold and release', hold: random.between(0, longest) }
}

function drawWish(random: Random, catalogue: Catalogue, at: number): Wish {
  const blueprint = random.pick(Object.values(catalogue.blueprints))
  const checkout = blueprint.type === 'working-copy'
  return {
    at,
    tenant: random.pick(Object.keys(catalogue.tenants)),
    blueprint: blueprint.name,
    ...(checkout
      ? { repository: random.pick(Object.keys(catalogue.repositories)), commit: drawCommit(random) }
      : {}),
    ...(random.chance(0.2) ? { pools: random.some(poolsOf(blueprint), 2) } : {}),
    priority: random.pick([-1, 0, 0, 0, 1, 2]),
    // With a long one, an execution that misses its awakening holds on for longer than anybody waits for a cleaning.
    ttl: (random.chance(0.15) ? random.between(900, 1_800) : random.between(60, 300)) * SECOND,
    wait: random.between(30, 600) * SECOND,
    keepFor: random.between(60, 240) * SECOND,
    behaviour: drawBehaviour(random),
    hold: random.between(1, 90) * SECOND,
    copies: random.pick([1, 1, 1, 2, 3]),
  }
}
