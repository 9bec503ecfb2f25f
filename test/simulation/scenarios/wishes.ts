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

/** The leases that clients will ask for: a day with some bursts, or now and then a rush. */
export function drawWishes(random: Random, catalogue: Catalogue): readonly Wish[] {
  return random.chance(0.12) ? drawRush(random, catalogue) : drawDay(random, catalogue)
}

/**
 * Short jobs for one pool, about as many as it can serve: slots become free just when somebody asks, again and again.
 */
function drawRush(random: Random, catalogue: Catalogue): readonly Wish[] {
  const pool = random.pick(Object.values(catalogue.hosts)).pool
  const slots = Object.values(catalogue.hosts).reduce(
    (sum, host) => sum + (host.pool === pool ? host.capacity : 0),
    0,
  )
  const count = random.between(60, 120)
  const within = Math.min(ACTIVE, Math.round((count * random.between(2, 5) * SECOND) / slots))
  return Array.from({ length: count }, () => ({
    ...drawJob(random, catalogue, pool),
    at: random.between(0, within),
    hold: random.between(0, 2 * SECOND),
    copies: 1,
  })).toSorted((a, b) => a.at - b.at)
}

function drawDay(random: Random, catalogue: Catalogue): readonly Wish[] {
  const count = random.between(8, 40)
  const bursts = Array.from({ length: random.between(0, 3) }, () => random.between(0, ACTIVE))
  return Array.from({ length: count }, () => {
    const at = bursts.length > 0 && random.chance(0.5) ? random.pick(bursts) : random.between(0, ACTIVE)
    return drawWish(random, catalogue, at)
  }).toSorted((a, b) => a.at - b.at)
}

/** A short job on any host of the pool. */
export function drawJob(random: Random, catalogue: Catalogue, pool: string): Wish {
  const { repository: _, commit: _commit, pools: _pools, ...wish } = drawWish(random, catalogue, 0)
  return { ...wish, blueprint: pool, behaviour: 'hold and release', hold: random.between(1, 20) * SECOND }
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
    ttl: random.between(60, 300) * SECOND,
    wait: random.between(30, 600) * SECOND,
    keepFor: random.between(60, 240) * SECOND,
    behaviour: drawBehaviour(random),
    hold: random.between(1, 90) * SECOND,
    copies: random.pick([1, 1, 1, 2, 3]),
  }
}
