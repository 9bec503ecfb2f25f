import type { Item } from '../../../lib/app/ports/table.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../../lib/app/leases/renew-lease.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import { changedIn } from '../checks/fleet/pauses.ts'
import { numberIn, statusOf, textIn } from '../checks/entity.ts'
import type { Random } from '../kernel/random.ts'
import type { Simulation } from '../simulation.ts'
import type { CommitEvent, ReadEvent } from '../watch.ts'
import { LASTING } from './acts/act.ts'
import type { Wish } from './behaviour.ts'

/** Chance brings together within milliseconds what races are made of far too seldom; this does it on purpose. */
export interface Coincidences {
  readonly committed: (event: CommitEvent) => void
  readonly read: (event: ReadEvent) => void
}

export interface CoincidencesOptions {
  readonly simulation: Simulation
  readonly random: Random
  /** Another job for this pool, if one asks just now. */
  readonly next: (pool: string) => Wish | undefined
  readonly begin: (wish: Wish) => void
  /** Takes the host out of the document. */
  readonly remove: (host: string) => void
  readonly count: (what: string) => void
  /** Whether it is still the time for it. */
  readonly going: () => boolean
}

const MINUTE = 60_000
/** From a release to the end of its cleaning, about; milliseconds. */
const CLEANING = 500
/** An execution looks so long after an expiry. */
const LOOK = 1_000
/** A holder and who looks at its lease tell an expiry by clocks that are so far apart, at most. */
const CLOCKS_APART = 5_000
/** Requests that reach instances with clocks of their own. */
const COPIES = 4
/** A checkout that cannot succeed says so after this time, about. */
const WORD = 400
/** Who ends what is over; others that read a lease don't act on its expiry. */
const ENDS = /^(?:decide|sweep|repair)#/

export function createCoincidences(options: CoincidencesOptions): Coincidences {
  const { simulation, random, next, begin, remove, count, going } = options
  const { kernel, log, hosts, outside } = simulation
  /** Those who wait, by pool: one of them may be cancelled. */
  const waiting = new Map<string, { readonly pool: string; readonly caller: Caller }>()
  /** Those in use, by their ids. */
  const inUse = new Map<string, Item>()
  /** Those that wait for the first word of their checkout. */
  const unready = new Map<string, Item>()
  /** Hosts that are away until some time, by their partitions. */
  const away = new Map<string, number>()

  function soon(what: string, least: number, most: number, act: () => void): void {
    kernel.after(random.between(least, most), () => {
      if (!going()) return
      count(`coincidence: ${what}`)
      log.add('coincidence', what)
      act()
    })
  }

  const request = (work: (ports: Ports) => Promise<unknown>) => void simulation.request(work)

  /** While a slot is being given back: somebody asks, gives up, or drains the host. */
  function released(lease: Item): void {
    const { pool, host } = lease['slot'] as { readonly pool: string; readonly host: string }
    const wish = next(pool)
    if (wish) soon('the next job asks', 0, CLEANING, () => begin(wish))
    if (random.chance(0.1)) soon('the host is drained', 0, CLEANING, () => drain(host))
    if (random.chance(0.03)) {
      soon('the host is lost', 0, CLEANING, () =>
        request((ports) => loseHost(ports, host, 'it burns', { now: kernel.now(), actor: 'operator' })),
      )
    }
    if (random.chance(0.03)) soon('the host is removed', 0, CLEANING, () => remove(host))
    if (outside.faults.strikes('host down for a while')) {
      soon('nobody reaches the host', 0, CLEANING, () => hosts.down(host, random.between(2_000, 20_000)))
    }
    const others = [...waiting].filter(([, other]) => other.pool === pool)
    if (others.length > 0 && random.chance(0.1)) {
      const [id, { caller }] = random.pick(others)
      soon('a waiter gives up', 0, CLEANING, () => {
        if (waiting.has(id)) request((ports) => releaseLease(ports, caller, id, 'ok'))
      })
    }
  }

  function drain(host: string): void {
    const until = kernel.now() + random.between(5_000, 40_000)
    const change = { state: 'draining', from: LASTING, until } as const
    request((ports) => changeHost(ports, host, change, { now: kernel.now(), actor: 'operator' }))
  }

  /** Its holder wakes up when its time is over, by somebody's clock. */
  function usable(lease: Item): void {
    const id = textIn(lease, 'id')
    const left = numberIn(lease, 'expiresAt') - kernel.now() + LOOK
    soon('a renewal at the expiry', left, left + 200, () =>
      request((ports) => renewLease(ports, callerOf(lease), id)),
    )
  }

  /**
   * Somebody has just read that its time is over, and by another clock it may not be. Of several renewals one may come
   * between that look and what follows from it.
   */
  function seen(lease: Item): void {
    if (Math.abs(numberIn(lease, 'expiresAt') - kernel.now()) > CLOCKS_APART) return
    for (let renewal = 0; renewal < COPIES; renewal++) {
      soon('a renewal while somebody ends the lease', 0, 5, () =>
        request((ports) => renewLease(ports, callerOf(lease), textIn(lease, 'id'))),
      )
    }
  }

  /** Its holder gives up, just when the first word comes from its checkout. */
  function begun(lease: Item): void {
    for (let attempt = 0; attempt < COPIES; attempt++) {
      soon('the holder gives up while its checkout runs', WORD, WORD + 400, () =>
        request((ports) => releaseLease(ports, callerOf(lease), textIn(lease, 'id'), 'ok')),
      )
    }
  }

  function follow(host: Item): void {
    const { until } = changedIn(host)
    if (until !== undefined && host['state'] !== 'active') away.set(host.PK, until)
    else away.delete(host.PK)
  }

  /** The sweep has just read that the host's pause is over. */
  function ending(host: string): void {
    for (let renewal = 0; renewal < COPIES; renewal++)
      soon('a drain is prolonged while the sweep looks', 0, 5, () => drain(host))
  }

  return {
    read: ({ process, key, query }) => {
      const until = query && process.startsWith('sweep#') ? away.get(query.PK) : undefined
      if (until !== undefined && going() && Math.abs(until - kernel.now()) < MINUTE && random.chance(0.3))
        ending(query?.PK.slice(2) ?? '')
      const lease = key?.SK === 'META' ? inUse.get(key.PK.slice(2)) : undefined
      if (lease && going() && ENDS.test(process)) seen(lease)
      const checkout = key?.SK === 'META' ? unready.get(key.PK.slice(2)) : undefined
      if (checkout && going() && process.startsWith('activate#') && random.chance(0.05)) begun(checkout)
    },
    committed: ({ before, after }) => {
      for (const [index, item] of after.entries()) {
        if (item?.SK === 'META' && item.PK.startsWith('H#')) follow(item)
        if (item?.SK !== 'META' || !item.PK.startsWith('L#')) continue
        const status = statusOf(item)
        if (status === 'active') inUse.set(textIn(item, 'id'), item)
        else inUse.delete(textIn(item, 'id'))
        const begins =
          status === 'acquired' &&
          item['checkout'] !== undefined &&
          item['yielded'] === undefined &&
          item['keepFor'] === undefined
        if (begins) unready.set(textIn(item, 'id'), item)
        else unready.delete(textIn(item, 'id'))
        if (status === statusOf(before[index])) continue
        const [pool] = item['pools'] as readonly string[]
        if (status === 'pending')
          waiting.set(textIn(item, 'id'), { pool: pool ?? '', caller: callerOf(item) })
        else waiting.delete(textIn(item, 'id'))
        if (status === 'released' && going()) released(item)
        if (status === 'active' && going()) usable(item)
      }
    },
  }
}

function callerOf(lease: Item): Caller {
  const id = textIn(lease, 'id')
  return { principal: `lease/${id}`, tenant: textIn(lease, 'tenant'), scopes: [], lease: id }
}
