import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { DestroyedCopy, WorkingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import { copyOf, goneCopyOf, placeOfCopy } from '../store/copy-item.ts'
import { copyKey, goneCopyKey } from '../store/keys.ts'

/** A working copy that is there, or was. */
export async function findCopy(
  { table }: Pick<Ports, 'table'>,
  id: string,
): Promise<Result<WorkingCopy | DestroyedCopy>> {
  const place = placeOfCopy(id)
  if (!place) return noSuchCopy(id)
  const [item, gone] = await table.getAll([copyKey(place.host, place.number, place.epoch), goneCopyKey(id)])
  if (item) return ok(copyOf(item))
  return gone ? ok(goneCopyOf(gone)) : noSuchCopy(id)
}

export const noSuchCopy = (id: string) => refuse('not_found', `There is no working copy ${id}.`)
