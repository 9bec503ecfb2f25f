import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lease } from '../../../lib/contract/lease.ts'
import { eventually, mentioning } from '../../features/support/observe.ts'
import { type Fleet, openFleet } from '../../support/fleet/fleet.ts'
import { type HeldByTest, leaseOf } from '../../support/fleet/jobs.ts'
import { stopExecutions } from '../kills/executions.ts'

const SCRIPT = fileURLToPath(new URL('holds-leases.ts', import.meta.url))

/** How a lease comes to be forgotten: its holder is killed, or also its execution is stopped by hand. */
export type Forgotten = 'holder killed' | 'execution stopped'

export interface Handed {
  readonly how: Forgotten
  /** Seconds from the end of the lease's ttl until its slot was clean and the next waiter's lease active. */
  readonly late: number
  readonly reason: string
}

export interface Holders {
  readonly handed: readonly Handed[]
  readonly processesLeft: number
}

export interface HoldersOptions {
  /** Of each kind. */
  readonly runs: number
  /** As many leases are forgotten at a time. */
  readonly slots: number
  readonly isolation: string
  readonly kinds: readonly Forgotten[]
}

const POOL = 'linux'
const TTL = 60
/** Leases that one process holds. */
const EACH = 5

export async function forgetLeases(options: HoldersOptions): Promise<Holders> {
  const { runs, slots, isolation, kinds } = options
  const host = (name: string, own: number) => ({ name, pool: POOL, slots: own, isolation })
  const hosts = [host('alpha', Math.ceil(slots / 2)), host('beta', Math.floor(slots / 2))]
  const fleet = await openFleet({ hosts: hosts.filter((one) => one.slots > 0) })
  const handed: Handed[] = []
  let left: readonly number[] = []
  try {
    for (const how of kinds) {
      for (let done = 0; done < runs; done += slots) {
        handed.push(...(await oneRound(fleet, how, Math.min(slots, runs - done), slots)))
      }
    }
  } finally {
    left = await fleet.close()
  }
  return { handed, processesLeft: left.length }
}

async function oneRound(
  fleet: Fleet,
  how: Forgotten,
  runs: number,
  slots: number,
): Promise<readonly Handed[]> {
  // Seconds that no other process on this machine sleeps.
  const nap = `6${process.pid}`
  const filler = await Promise.all(
    Array.from({ length: slots - runs }, async () => leaseOf(fleet.client, { blueprint: POOL })),
  )
  const holders = Array.from({ length: Math.ceil(runs / EACH) }, (_, index) =>
    startHolder(fleet, Math.min(EACH, runs - index * EACH), nap),
  )
  const ids = (await Promise.all(holders.map(async ({ working }) => working))).flat()
  const next = Promise.all(ids.map(async () => leaseOf(fleet.client, { blueprint: POOL })))
  const allWait = async () => (await fleet.client.getPool({ name: POOL })).waiting === runs
  await eventually('as many wait as are held', allWait, 60_000)
  for (const { kill } of holders) await kill()
  const forgotten = await Promise.all(ids.map(async (id) => fleet.client.getLease({ id })))
  if (how === 'execution stopped') await stopExecutions(fleet.served.endpoints['sfn'] ?? '', ids)
  const successors = await next
  const alive = mentioning(`sleep\0${nap}`)
  if (alive.length > 0) throw new Error(`jobs of lost leases live: ${alive.join(' ')}`)
  await Promise.all(
    [...successors, ...filler].map(async ({ id, token }) =>
      fleet.client.releaseLease({ id, body: {} }, { token }),
    ),
  )
  return Promise.all(
    forgotten.map(async (lease) => {
      const { reason = 'none' } = await fleet.client.getLease({ id: lease.id })
      return { how, late: lateness(lease, successors), reason }
    }),
  )
}

const placeOf = ({ slot }: Lease): string => `${slot?.host}/${slot?.number}`

function lateness(lost: Lease, successors: readonly HeldByTest[]): number {
  const successor = successors.find(({ lease }) => placeOf(lease) === placeOf(lost))
  const since = Date.parse(successor?.lease.activatedAt ?? '') - Date.parse(lost.expiresAt ?? '')
  return since / 1_000
}

/** `working`: the ids of its leases, once it works in all of them. */
function startHolder({ served }: Fleet, count: number, nap: string) {
  const child = spawn(process.execPath, [SCRIPT, served.url, POOL, `${count}`, `${TTL}`, nap], {
    env: { ...process.env, DRYDOCK_TOKEN: served.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = async (): Promise<readonly string[]> => {
    const ids: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      ids.push(line)
      if (ids.length === count) return ids
    }
    throw new Error('a holder ended before it worked')
  }
  return {
    working: lines(),
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
