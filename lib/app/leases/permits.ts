import type { Ports } from '../ports/ports.ts'
import { permitKey } from '../store/keys.ts'

/** Guesses before the numbers taken are read: with room to spare a guess is right, and costs no read. */
const GUESSES = 2

/** A number in `0..limit-1` that is probably free, or undefined where all are taken. The transaction decides. */
export async function freePermit(
  ports: Pick<Ports, 'table' | 'chance'>,
  tenant: string,
  limit: number,
  attempt: number,
): Promise<number | undefined> {
  if (limit <= 0) return undefined
  if (attempt < GUESSES) return Math.floor(ports.chance.fraction() * limit)
  const items = await ports.table.query({ PK: permitKey(tenant, 0).PK, limit: limit + 1 })
  const taken = new Set(items.map((item) => Number(item.SK)))
  const free = Array.from({ length: limit }, (_, number) => number).filter((number) => !taken.has(number))
  return free[Math.floor(ports.chance.fraction() * free.length)]
}
