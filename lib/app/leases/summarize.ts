import type { PoolExplanation } from '../../domain/explanation.ts'
import type { Lease } from '../../domain/lease.ts'

/** Why a lease waits, in one sentence. */
export function summarize(lease: Lease, pools: readonly PoolExplanation[], now: number): string {
  switch (lease.status) {
    case 'pending': {
      const best = pools.toSorted(
        (a, b) => (a.expectedAt ?? Infinity) - (b.expectedAt ?? Infinity) || a.rank - b.rank,
      )
      return best[0] ? waiting(best[0], now) : 'It waits for a slot.'
    }
    case 'acquired':
      return lease.yielded
        ? `Slot ${place(lease)} is being made ready, not yet after ${lease.yielded.count} tries: ${lease.yielded.detail}.`
        : `Slot ${place(lease)} is being made ready.`
    case 'active':
      return `It does not wait: it is active on slot ${place(lease)}.`
    case 'kept':
      return `It failed and is kept on slot ${place(lease)} for a look.`
    case 'released':
    case 'broken':
      return `It is over (${lease.reason}); slot ${place(lease)} is being cleaned.`
    case 'destroyed':
      return `It is over (${lease.reason}).`
  }
}

const place = ({
  slot,
}: Extract<
  Lease,
  { readonly slot: unknown; readonly status: 'acquired' | 'active' | 'kept' | 'released' | 'broken' }
>): string => `${slot.number} of host ${slot.host}`

function waiting({ pool, rank, blocked, expectedAt, hosts }: PoolExplanation, now: number): string {
  const slots = hosts.reduce((sum, host) => sum + host.slots.length, 0)
  const turn = rank === 1 ? 'it is next' : `${rank - 1} ${rank === 2 ? 'lease is' : 'leases are'} ahead of it`
  const expectation =
    expectedAt === undefined
      ? 'nobody can say yet when its turn comes'
      : `its turn may be expected in about ${Math.max(0, Math.ceil((expectedAt - now) / 1_000))} s`
  switch (blocked) {
    case 'blueprint_disabled':
      return 'Its blueprint is disabled; it keeps its place and waits until an operator enables it.'
    case 'no_hosts':
      return `Pool ${pool} has no hosts; ${turn}.`
    case 'no_host_gives_leases':
      return `No host of pool ${pool} gives leases now (${hosts.map((host) => `${host.host} is ${host.state}`).join(', ')}); ${turn}.`
    case 'slots_not_clean':
      return `None of the ${slots} slots of pool ${pool} is clean yet; ${turn}.`
    case 'being_served':
      return `A slot of pool ${pool} is free and is being given to it.`
    case 'queue':
    case 'slots_held':
      return `None of the ${slots} slots of pool ${pool} is free; ${turn}; ${expectation}.`
  }
}
