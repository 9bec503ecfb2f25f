import { expect } from 'vitest'
import type { Config } from '../../../lib/contract/config.ts'
import type { Gateway, Reply, Sent } from './gateway.ts'

let keys = 0
export const freshKey = () => ({ 'idempotency-key': `key-${(keys += 1)}` })

/** Asks for a host lease with a key of its own. */
export const ask = (gateway: Gateway, more: object = {}, sent: Sent = {}): Promise<Reply> =>
  gateway.send('POST', '/v1/leases', {
    token: gateway.ci,
    body: { blueprint: 'linux', ...more },
    headers: freshKey(),
    ...sent,
  })

/** A lease that is active, with its token. */
export async function activeLease(
  gateway: Gateway,
): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await ask(gateway)
  await gateway.world.settle()
  return { id: String(body['id']), token: String(body['token']) }
}

/**
 * Beside what a world has, a pool `mac` with a slot of its own whose leases are short, a pool `bare` without a host, and
 * working copies on both pools that have slots.
 */
export async function addPools(gateway: Gateway): Promise<void> {
  const { body } = await gateway.send('GET', '/v1/config', { token: gateway.operator })
  const { blueprints, hosts, ...rest } = body as Config
  const more = {
    mac: { type: 'host', allow: ['*'], limits: { ttlSeconds: 120 } },
    bare: { type: 'host', allow: ['*'] },
    anywhere: { type: 'working-copy', pools: ['linux', 'mac'], allow: ['*'] },
  }
  const host = { ...hosts['alpha'], pool: 'mac', capacity: 1 }
  const reply = await gateway.send('PUT', '/v1/config', {
    token: gateway.operator,
    body: { ...rest, blueprints: { ...blueprints, ...more }, hosts: { ...hosts, 'mac-1': host } },
  })
  expect(reply.status).toBe(200)
  await gateway.world.settle()
}
