import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { problem } from '../../../lib/contract/problem.ts'
import { routes } from '../../../lib/contract/routes.ts'
import type { Route, RouteName } from '../../../lib/contract/routes.ts'
import { examples } from '../../../lib/http/openapi/examples.ts'
import { send } from './http.ts'
import type { Reply, Sent } from './http.ts'
import { openInstallation, POOL } from './installation.ts'
import type { Installation } from './installation.ts'
import { activeLease, release } from './lease.ts'
import type { Held } from './lease.ts'
import { wholeTable } from './table.ts'

/** The API as callers of all kinds meet it, with two leases that are in use. */
export interface Door {
  readonly here: Installation
  readonly mine: Held
  readonly other: Held
  /** Of a tenant that may lease but holds none of these leases. */
  readonly stranger: string
  readonly expired: string
  /** A request that would be served. */
  good(name: RouteName): Sent
  target(name: RouteName, id?: string): string
  ask(name: RouteName, sent: Sent, more?: { readonly id?: string; readonly query?: string }): Promise<Reply>
  /** Everything that the table holds, by key, but what the sweep notes of a pool whose slots are in use. */
  table(): Promise<ReadonlyMap<string, unknown>>
  close(): Promise<void>
}

export async function openDoor(): Promise<Door> {
  const here = await openInstallation()
  const { served } = here
  await addBarePool(here)
  const [mine, other] = await Promise.all([activeLease(here.client), activeLease(here.client)])
  const target: Door['target'] = (name, id = mine.id) =>
    routes[name].path.replace('{id}', id).replace('{number}', '9').replace('{name}', POOL)
  return {
    here,
    mine,
    other,
    stranger: await served.mint({ tenant: 'stranger', scopes: ['lease'] }),
    expired: await served.mint({ tenant: 'local', scopes: ['operator', 'lease'], lifeSeconds: -60 }),
    target,
    good: (name) => {
      const route: Route = routes[name]
      const body = name === 'createLease' ? { blueprint: POOL } : examples[name]
      return {
        token: route.permission === 'holder' ? mine.token : served.token,
        ...(route.body ? { body } : {}),
        headers: route.idempotencyKey ? { 'idempotency-key': randomUUID() } : {},
      }
    },
    ask: async (name, sent, { id, query = '' } = {}) =>
      send(served.url, routes[name].method, target(name, id) + query, sent),
    table: async () =>
      new Map([...(await wholeTable(served))].map(([key, item]) => [key, withoutMeasures(key, item)])),
    close: async () => {
      await Promise.all([mine, other].map((held) => release(here.client, held)))
      await here.close()
    },
  }
}

/** A pool that no host is in. */
async function addBarePool({ client }: Installation): Promise<void> {
  const config = await client.getConfig()
  const bare = { type: 'host' as const, allow: ['*'], isolation: 'process' as const }
  await client.applyConfig({ body: { ...config, blueprints: { ...config.blueprints, bare } } })
}

function withoutMeasures(key: string, item: unknown): unknown {
  if (!key.startsWith('REG#pool ') || typeof item !== 'object') return item
  const { seenAt: _, counted: _c, meanHold: _m, ...rest } = item as Readonly<Record<string, unknown>>
  return rest
}

/** Status and code of a refusal, which must be of the contract's form. */
export function verdictOf({ status, headers, body }: Reply): string {
  const { code, ...rest } = problem.parse(body)
  expect(rest).toMatchObject({
    status,
    type: `urn:drydock:problem:${code}`,
    requestId: expect.stringMatching(/./),
  })
  expect(headers.get('content-type')).toBe('application/problem+json')
  return `${status} ${code}`
}

/** The verdicts of several refusals, each only once. */
export const verdictsOf = (replies: readonly Reply[]): readonly string[] => [
  ...new Set(replies.map(verdictOf)),
]
