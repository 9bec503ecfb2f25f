import type { Caller, Scope } from '../../domain/access.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { asRegistered, goneAnyway, notThereYet } from '../store/conditions/any-item.ts'
import { apiTokenKey, leaseKey, registryKey } from '../store/keys.ts'
import { leaseOf } from '../store/lease-item.ts'
import { readRegistry } from '../store/pages.ts'

/** An API token as it is stored: its secret only as a hash. */
export interface ApiToken {
  readonly id: string
  readonly tenant: string
  readonly scopes: readonly Scope[]
  readonly createdAt: number
  readonly expiresAt: number
  readonly note?: string
}

export interface TokenDemand {
  readonly tenant: string
  readonly scopes: readonly Scope[]
  /** Milliseconds. */
  readonly life: number
  readonly note?: string
}

/** Issues a token `drydock_api_<id>_<secret>`; the secret is shown here and never again. */
export async function createToken(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'secrets'>,
  demand: TokenDemand,
): Promise<{ readonly token: string; readonly record: ApiToken }> {
  const now = ports.clock.now()
  const id = ports.chance.ulid()
  const secret = ports.chance.opaque() + ports.chance.opaque()
  const { life, ...rest } = demand
  const record: ApiToken = { id, ...rest, createdAt: now, expiresAt: now + life }
  const ttl = Math.ceil(record.expiresAt / 1_000)
  const outcome = await ports.table.transact(ports.chance.opaque(), [
    {
      kind: 'put',
      item: { ...apiTokenKey(id), ...fields(record), hash: ports.secrets.hash(secret), ttl },
      when: notThereYet,
    },
    { kind: 'put', item: { ...registryKey('api-token', id), name: id, ttl }, when: notThereYet },
  ])
  if (!outcome.committed) throw new Error('a new token id was taken already')
  return { token: `drydock_api_${id}_${secret}`, record }
}

export async function listTokens(ports: Pick<Ports, 'table'>): Promise<readonly ApiToken[]> {
  const registered = await readRegistry(ports, 'api-token')
  const items = await Promise.all(registered.map((item) => ports.table.get(apiTokenKey(item.SK))))
  return items.filter((item) => item !== undefined).map(tokenOf)
}

/** Once revoked it opens nothing. */
export async function revokeToken(
  ports: Pick<Ports, 'table' | 'chance'>,
  id: string,
): Promise<Result<ApiToken>> {
  const item = await ports.table.get(apiTokenKey(id))
  if (!item) return refuse('not_found', `There is no API token ${id}.`)
  await ports.table.transact(ports.chance.opaque(), [
    { kind: 'delete', key: apiTokenKey(id), when: goneAnyway },
    { kind: 'delete', key: registryKey('api-token', id), when: asRegistered },
  ])
  return ok(tokenOf(item))
}

const API_TOKEN = /^drydock_api_([0-9A-HJKMNP-TV-Z]{26})_([a-z2-7]{52})$/
const LEASE_TOKEN = /^drydock_lease_([0-9A-HJKMNP-TV-Z]{26})_[A-Za-z0-9_-]{43}$/

/** Who the bearer of one of our own tokens is; undefined for anything else, expired and revoked ones included. */
export async function recognise(
  ports: Pick<Ports, 'table' | 'clock' | 'secrets'>,
  bearer: string,
): Promise<Caller | undefined> {
  const [, apiId, secret] = API_TOKEN.exec(bearer) ?? []
  if (apiId !== undefined && secret !== undefined) {
    const item = await ports.table.get(apiTokenKey(apiId))
    if (!item || item['hash'] !== ports.secrets.hash(secret)) return undefined
    const token = tokenOf(item)
    if (token.expiresAt <= ports.clock.now()) return undefined
    return { principal: `api-token/${apiId}`, tenant: token.tenant, scopes: token.scopes }
  }
  const [, leaseId] = LEASE_TOKEN.exec(bearer) ?? []
  if (leaseId === undefined) return undefined
  const item = await ports.table.get(leaseKey(leaseId))
  const lease = item && leaseOf(item)
  if (!lease || lease.tokenHash !== ports.secrets.hash(bearer)) return undefined
  return { principal: `lease/${leaseId}`, tenant: lease.tenant, scopes: [], lease: leaseId }
}

const fields = (record: ApiToken) => Object.fromEntries(Object.entries(record)) as unknown as Item

function tokenOf(item: Item): ApiToken {
  const { PK: _, SK: _sk, ttl: _ttl, hash: _hash, ...rest } = item
  return rest as unknown as ApiToken
}
