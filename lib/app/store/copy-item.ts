import { KEEP_ENDED } from '../../domain/limits.ts'
import type { DestroyedCopy, WorkingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item, Key, Value } from '../ports/table.ts'
import { copiesOf, copyKey, goneCopyKey } from './keys.ts'

/** The epoch in which it was made tells apart the copies that a slot ever had. */
export const copyId = (host: string, number: number, epoch: number): string => `${host}.${number}.${epoch}`

export function placeOfCopy(
  id: string,
): { readonly host: string; readonly number: number; readonly epoch: number } | undefined {
  const [, host, number, epoch] = /^([^.]+)\.(\d{1,3})\.(\d{1,12})$/.exec(id) ?? []
  return host === undefined ? undefined : { host, number: Number(number), epoch: Number(epoch) }
}

export function keyOfCopy(id: string): Key {
  const place = placeOfCopy(id)
  if (!place) throw new Error(`not a working copy's id: ${id}`)
  return copyKey(place.host, place.number, place.epoch)
}

export const copyItem = (copy: WorkingCopy): Item => ({ ...keyOfCopy(copy.id), ...plain(copy) })

export const goneCopyItem = (copy: DestroyedCopy): Item => ({
  ...goneCopyKey(copy.id),
  ...plain(copy),
  ttl: Math.ceil((copy.destroyedAt + KEEP_ENDED) / 1_000),
})

export const copyOf = (item: Item): WorkingCopy => bare(item) as unknown as WorkingCopy
export const goneCopyOf = (item: Item): DestroyedCopy => bare(item) as unknown as DestroyedCopy

/** Slots keep few copies; of a host there are as many as all its slots keep. */
const MOST = 1_000

export async function readCopies(
  { table }: Pick<Ports, 'table'>,
  host: string,
  number?: number,
): Promise<readonly WorkingCopy[]> {
  return (await table.query({ ...copiesOf(host, number), limit: MOST })).map(copyOf)
}

function bare(item: Item): Omit<Item, 'PK' | 'SK'> {
  const { PK: _, SK: _sk, opId: _op, ttl: _ttl, ...rest } = item
  return rest
}

const plain = (copy: WorkingCopy | DestroyedCopy): Record<string, Value> =>
  JSON.parse(JSON.stringify(copy)) as Record<string, Value>
