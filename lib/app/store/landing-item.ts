import type { Landing } from '../../domain/landing/landing.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { landingPlaceKey, workKey } from './keys.ts'
import { workFrom } from './work-item.ts'

/** The fields of a landing are exactly those of its item; its status says which there are. */
export const landingOf = (item: Item): Landing => workFrom(item) as Landing

export async function readLanding(ports: Pick<Ports, 'table'>, id: string): Promise<Landing | undefined> {
  const item = await ports.table.get(workKey('landing', id))
  return item && landingOf(item)
}

export const landingPlaceItem = ({
  id,
  repository,
  branch,
  place,
}: Pick<Landing, 'id' | 'repository' | 'branch' | 'place'>): Item => ({
  ...landingPlaceKey(repository, branch, place, id),
  landing: id,
})
