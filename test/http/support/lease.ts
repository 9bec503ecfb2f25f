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
