import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { WorkingCopy } from '../../domain/working-copy.ts'
import type { Ports } from '../ports/ports.ts'
import { keyOfCopy, placeOfCopy, readCopies } from '../store/copy-item.ts'
import { registryOf } from '../store/keys.ts'

export interface CopyQuery {
  readonly host?: string
  readonly blueprint?: string
  readonly repository?: string
  readonly limit: number
  /** Id of the last copy of the page before. */
  readonly cursor?: string
}

export interface CopyPage {
  readonly copies: readonly WorkingCopy[]
  readonly cursor?: string
}

/** Hosts looked at for one page, so that a filter that fits nothing does not read everything. */
const HOSTS_AT_ONCE = 200

/** By host, slot and age. */
export async function listCopies(ports: Pick<Ports, 'table'>, query: CopyQuery): Promise<Result<CopyPage>> {
  const after = query.cursor === undefined ? undefined : placeOfCursor(query.cursor)
  if (query.cursor !== undefined && !after) {
    return refuse('bad_cursor', 'Take the cursor as it came with the page before.')
  }
  const hosts = (await hostsOf(ports, query)).filter((host) => !after || host >= after.host)
  const found: WorkingCopy[] = []
  for (const [index, host] of hosts.entries()) {
    if (index === HOSTS_AT_ONCE) return ok({ copies: found, cursor: `${host}!` })
    const copies = await readCopies(ports, host)
    for (const copy of copies) {
      if (after && after.host === host && after.SK !== undefined && keyOfCopy(copy.id).SK <= after.SK)
        continue
      if (!fits(copy, query)) continue
      const last = found.at(-1)
      if (found.length === query.limit && last) return ok({ copies: found, cursor: last.id })
      found.push(copy)
    }
  }
  return ok({ copies: found })
}

async function hostsOf({ table }: Pick<Ports, 'table'>, { host }: CopyQuery): Promise<readonly string[]> {
  if (host !== undefined) return [host]
  const registered = await table.query({ PK: registryOf('host'), limit: 10_000 })
  return registered.map(({ SK }) => SK)
}

/** A copy's id, or a host and `!`: from that host on. */
function placeOfCursor(cursor: string): { readonly host: string; readonly SK?: string } | undefined {
  const whole = /^([a-z0-9-]{1,63})!$/.exec(cursor)?.[1]
  if (whole !== undefined) return { host: whole }
  const place = placeOfCopy(cursor)
  return place && { host: place.host, SK: keyOfCopy(cursor).SK }
}

const fits = (copy: WorkingCopy, { blueprint, repository }: CopyQuery): boolean =>
  (blueprint === undefined || copy.blueprint === blueprint) &&
  (repository === undefined || copy.repositories.some((one) => one.repository === repository))
