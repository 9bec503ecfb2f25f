import { createHash, timingSafeEqual } from 'node:crypto'

const FINGERPRINT = /^SHA256:([A-Za-z0-9+/]{43})=?$/

/**
 * Whether a server's public key (SSH wire form) is the pinned one. A pin that is missing or garbled matches nothing:
 * a host without a known key is not the host.
 */
export function isPinnedKey(pin: string, key: Uint8Array): boolean {
  const expected = pinnedDigest(pin)
  if (!expected) return false
  return timingSafeEqual(createHash('sha256').update(key).digest(), expected)
}

/** The 32 bytes that a pin of the form `SHA256:` and base64 stands for. */
export function pinnedDigest(pin: string): Buffer | undefined {
  const encoded = FINGERPRINT.exec(pin)?.[1]
  const digest = encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
  return digest?.length === 32 ? digest : undefined
}
