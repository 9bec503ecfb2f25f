import { nearest } from '../../domain/catalogue.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { RegistryKind } from '../store/keys.ts'
import { readRegistry } from '../store/pages.ts'

/** A name that nobody registered is refused with the ones that come nearest to it. */
export async function unknownName(
  ports: Pick<Ports, 'table'>,
  code: 'unknown_blueprint' | 'unknown_pool' | 'unknown_repository' | 'not_found',
  kind: RegistryKind,
  wanted: string,
): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
  const items = await readRegistry(ports, kind)
  const names = nearest(
    wanted,
    items.map((item) => item.SK),
  )
  return refuse(code, `There is no ${kind} named ${wanted}.`, { hints: { nearest: names } })
}
