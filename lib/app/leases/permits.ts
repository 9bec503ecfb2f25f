import { permitsBelow } from '../../domain/permits.ts'
import type { Ports } from '../ports/ports.ts'
import { permitKey } from '../store/keys.ts'

/** Guesses before all numbers taken are read: with room to spare the first one is right. */
const GUESSES = 2

/** Living leases that a tenant may have now, and the most that it may ever have had. */
export interface Quota {
  readonly leases: number
  readonly most: number
}

/** A number that is probably free, or undefined where all that may be given are taken. The transaction decides. */
export async function freePermit(
  ports: Pick<Ports, 'table' | 'chance'>,
  tenant: string,
  { leases, most }: Quota,
  attempt: number,
): Promise<number | undefined> {
  if (leases <= 0) return undefined
  if (most <= leases && attempt < GUESSES) {
    const guess = Math.floor(ports.chance.fraction() * leases)
    if (!(await ports.table.get(permitKey(tenant, guess)))) return guess
  }
  const items = await ports.table.query({ PK: permitKey(tenant, 0).PK, limit: Math.max(leases, most) + 1 })
  const taken = items.map((item) => Number(item.SK))
  const below = permitsBelow(leases, taken)
  const held = new Set(taken)
  const free = Array.from({ length: below }, (_, number) => number).filter((number) => !held.has(number))
  return free[Math.floor(ports.chance.fraction() * free.length)]
}
