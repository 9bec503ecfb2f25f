import { createHash, randomBytes } from 'node:crypto'

/** Random, with a check sum: what we never made is told from what has ended, whoever made it and when. */
export function newToken(): string {
  const secret = randomBytes(32)
  return Buffer.concat([secret, checkOf(secret)]).toString('base64')
}

export function isToken(text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 40 && checkOf(bytes.subarray(0, 32)).equals(bytes.subarray(32))
}

function checkOf(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest().subarray(0, 8)
}
