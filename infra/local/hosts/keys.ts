import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'

export interface KeyPair {
  /** OpenSSH private key, not encrypted. */
  readonly privateKey: string
  /** One line as in `authorized_keys`. */
  readonly publicKey: string
}

/** A new key pair. */
export function generateKeyPair(type: 'ed25519' | 'rsa' = 'ed25519'): KeyPair {
  for (;;) {
    const pair = makePair(type)
    // One ed25519 key in about 256 is written by ssh2 in a form that neither it nor OpenSSH can read.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) {
      return { privateKey: pair.private, publicKey: pair.public }
    }
  }
}

function makePair(type: 'ed25519' | 'rsa'): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  const comment = 'drydock'
  return type === 'rsa'
    ? ssh2.utils.generateKeyPairSync('rsa', { bits: 3072, comment })
    : ssh2.utils.generateKeyPairSync('ed25519', { comment })
}

/** The pair kept in `file` (mode 600) and `file.pub`, made at first use. */
export function keepKeyPair(directory: string, name: string): KeyPair {
  const file = join(directory, name)
  if (!existsSync(file)) {
    const pair = generateKeyPair()
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${file}.pub`, `${pair.publicKey}\n`)
    writeFileSync(`${file}.new`, pair.privateKey, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** As OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprintOf(publicKey: string): string {
  const encoded = publicKey.split(' ')[1] ?? ''
  const digest = createHash('sha256').update(Buffer.from(encoded, 'base64')).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}
