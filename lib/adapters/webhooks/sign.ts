import { createHmac } from 'node:crypto'

export interface Signed {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

const PREFIX = 'whsec_'

/**
 * Headers of a message as Standard Webhooks asks for them: HMAC-SHA256 over id, time and body, once for each secret,
 * so that a secret can be exchanged while both are good.
 *
 * @param secrets each `whsec_` and the key in base64
 * @param at epoch milliseconds
 */
export function sign(secrets: readonly string[], id: string, at: number, body: string): Signed {
  const timestamp = String(Math.floor(at / 1_000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

/** 24 to 64 bytes, as the standard says: a shorter key is no secret. */
export function isSecret(text: string): boolean {
  const base64 = text.slice(PREFIX.length)
  if (!text.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return false
  const { length } = Buffer.from(base64, 'base64')
  return length >= 24 && length <= 64
}
