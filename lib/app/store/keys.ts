import type { WorkKind } from '../../domain/work.ts'
import type { Key } from '../ports/table.ts'

/** Keys of the one table. Whatever comes from a caller is escaped, so that it cannot reach into another place. */

const segment = (text: string): string =>
  text.toWellFormed().replace(/[^A-Za-z0-9._/@:-]/gu, (character) => {
    const bytes = encodeURIComponent(character)
    return bytes.startsWith('%')
      ? bytes
      : `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`
  })

const counted = (number: number, digits: number): string => String(number).padStart(digits, '0')

export const leaseKey = (id: string): Key => ({ PK: `L#${segment(id)}`, SK: 'META' })
export const eventKey = (id: string, version: number): Key => ({
  PK: `L#${segment(id)}`,
  SK: `EV#${counted(version, 6)}`,
})
export const commandKey = (id: string, number: number): Key => ({
  PK: `L#${segment(id)}`,
  SK: `CMD#${counted(number, 4)}`,
})
export const outputKey = (id: string, number: number, offset: number): Key => ({
  PK: `L#${segment(id)}`,
  SK: `OUT#${counted(number, 4)}#${counted(offset, 15)}`,
})
export const inputKey = (id: string, number: number, part: number): Key => ({
  PK: `L#${segment(id)}`,
  SK: `IN#${counted(number, 4)}#${counted(part, 2)}`,
})
export const queueOf = (pool: string): string => `Q#${segment(pool)}`
/** Beside the queue, in its order, while its blueprint is disabled. */
export const parkedKey = (pool: string, key: string): Key => ({ PK: queueOf(pool), SK: `X${key.slice(1)}` })
export const waiterItemKey = (pool: string, key: string): Key => ({ PK: queueOf(pool), SK: key })
export const permitKey = (tenant: string, number: number): Key => ({
  PK: `P#${segment(tenant)}`,
  SK: counted(number, 5),
})
export const tokensOf = (pool: string): string => `F#${segment(pool)}`
export const tokenItemKey = (pool: string, token: string): Key => ({ PK: tokensOf(pool), SK: token })
export const freeToken = (random: string, host: string, number: number): string =>
  `${random}#${segment(host)}#${number}`
export const hostKey = (host: string): Key => ({ PK: `H#${segment(host)}`, SK: 'META' })
export const slotKey = (host: string, number: number): Key => ({
  PK: `H#${segment(host)}`,
  SK: `S#${counted(number, 3)}`,
})
/** The copies of a slot, or of all slots of a host, stand together. */
export const copyKey = (host: string, number: number, epoch: number): Key => ({
  PK: `H#${segment(host)}`,
  SK: `W#${counted(number, 3)}#${counted(epoch, 12)}`,
})
export const copiesOf = (host: string, number?: number) => {
  const from = number === undefined ? 'W#' : `W#${counted(number, 3)}#`
  return { PK: `H#${segment(host)}`, from, to: `${from}~` }
}
/** A copy that is gone is kept to be read. */
export const goneCopyKey = (id: string): Key => ({ PK: `C#${segment(id)}`, SK: 'META' })
export const registryOf = (kind: RegistryKind): string => `REG#${kind}`
export const registryKey = (kind: RegistryKind, name: string): Key => ({
  PK: registryOf(kind),
  SK: segment(name),
})
export const blueprintKey = (name: string): Key => ({ PK: `B#${segment(name)}`, SK: 'META' })
export const repositoryKey = (name: string): Key => ({ PK: `G#${segment(name)}`, SK: 'META' })
export const tenantKey = (tenant: string): Key => ({ PK: `TEN#${segment(tenant)}`, SK: 'META' })
export const tenantLeaseKey = (tenant: string, id: string): Key => ({
  PK: `TEN#${segment(tenant)}`,
  SK: `L#${segment(id)}`,
})
export const tagKey = (tenant: string, pool: string, priority: number): Key => ({
  PK: `TEN#${segment(tenant)}`,
  SK: `TAG#${segment(pool)}#${priority}`,
})
const WORK = { build: 'BUILD', landing: 'LAND' } as const satisfies Record<WorkKind, string>

export const workKey = (kind: WorkKind, id: string): Key => ({
  PK: `${WORK[kind]}#${segment(id)}`,
  SK: 'META',
})
export const workEventKey = (kind: WorkKind, id: string, version: number): Key => ({
  PK: `${WORK[kind]}#${segment(id)}`,
  SK: `EV#${counted(version, 6)}`,
})
/** Script and environment of a step, counted from 1; what all steps share is at 0. */
export const buildStepKey = (id: string, number: number): Key => ({
  PK: workKey('build', id).PK,
  SK: `STEP#${counted(number, 3)}`,
})
/** What became of one generation. */
export const generationKey = (id: string, generation: number): Key => ({
  PK: workKey('build', id).PK,
  SK: `GEN#${counted(generation, 4)}`,
})
export const tenantWorkKey = (kind: WorkKind, tenant: string, id: string): Key => ({
  PK: `TEN#${segment(tenant)}`,
  SK: `${WORK[kind]}#${segment(id)}`,
})
/** A branch's turn: a queue like a pool's, with one slot and no host. */
const turnsOf = (repository: string, branch: string): string =>
  `Q#land/${segment(repository)}/${segment(branch)}`
export const turnKey = (repository: string, branch: string): Key => ({
  PK: turnsOf(repository, branch),
  SK: 'TURN',
})
/** Counts the places that were given. */
export const lastPlaceKey = (repository: string, branch: string): Key => ({
  PK: turnsOf(repository, branch),
  SK: 'LAST',
})
export const landingPlaceKey = (repository: string, branch: string, place: number, id: string): Key => ({
  PK: turnsOf(repository, branch),
  SK: `W#${counted(place, 12)}#${segment(id)}`,
})
export const apiTokenKey = (id: string): Key => ({ PK: `K#${segment(id)}`, SK: 'META' })
export const idempotencyKey = (owner: string, hash: string): Key => ({
  PK: `I#${segment(owner)}#${hash}`,
  SK: 'I',
})

export type RegistryKind = 'pool' | 'host' | 'blueprint' | 'repository' | 'tenant' | 'api-token'

export const SHARDS = 8
export const timersOf = (shard: number): string => `T#${shard}`
export const timerKey = (id: string, due: number): Key => ({
  PK: timersOf(shardOf(id)),
  SK: `${counted(due, 15)}#${segment(id)}`,
})
/** Due at this moment or before: the upper bound of a query over a timer shard. */
export const dueBy = (now: number): string => `${counted(now, 15)}#~`

/** The last letter of a ULID is random: it spreads the timers evenly. */
const shardOf = (id: string): number => (id.codePointAt(id.length - 1) ?? 0) % SHARDS
