import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Vault } from '../app/ports/ports.ts'

const CIPHER = 'aes-256-gcm'
/** First byte of what is sealed, so that another cipher may come one day. */
const VERSION = 1
const NONCE = 12
const TAG = 16

/** AES-256-GCM under the service's key; the place is authenticated with it. Sealed: version, nonce, tag, text. */
export function createVault(key: () => Promise<Uint8Array>): Vault {
  return {
    seal: async (text, place) => {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv(CIPHER, await key(), nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed])
    },
    open: async (sealed, place) => {
      if (sealed[0] !== VERSION) throw new Error('sealed in a form that is not known here')
      const nonce = sealed.subarray(1, 1 + NONCE)
      const decipher = createDecipheriv(CIPHER, await key(), nonce, { authTagLength: TAG })
        .setAAD(Buffer.from(place))
        .setAuthTag(sealed.subarray(1 + NONCE, 1 + NONCE + TAG))
      const text = Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()])
      return text.toString('utf8')
    },
  }
}
