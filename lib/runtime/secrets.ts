import { createHash, createHmac } from 'node:crypto'
import type { Secrets } from '../app/ports/ports.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Lease tokens are `drydock_lease_<id>_` and 43 characters of HMAC-SHA256 over id and salt, under the server's key. */
export function createSecrets(key: () => Promise<Uint8Array>): Secrets {
  return {
    leaseToken: async (leaseId, salt) => {
      const mac = createHmac('sha256', await key()).update(`${leaseId}.${salt}`)
      return `drydock_lease_${leaseId}_${mac.digest('base64url')}`
    },
    hash: sha256,
  }
}

/** For functions that know tokens but hand out none of a lease's own. */
export const keyless: Secrets = createSecrets(() => {
  throw new Error('this function makes no lease tokens')
})
