import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { JWK } from 'jose'

export interface Issuer {
  /** What `/drydock/issuers` holds so that this issuer's tokens are taken: a list of one, its key set in it. */
  readonly issuersParameter: string
  /** A signed JWT (Ed25519). */
  mint(claims: {
    readonly tenant: string
    readonly scopes: readonly string[]
    readonly lifeSeconds: number
    readonly subject: string
  }): Promise<string>
}

const ISSUER = 'https://issuer.local'
const AUDIENCE = 'drydock'
const ALGORITHM = 'EdDSA'
const KEY_ID = 'local'

/**
 * An issuer of identity tokens for one machine, in the place of a CI service's. Its key is kept in the directory,
 * readable by its owner only, or lives as long as this object where there is none.
 */
export async function openIssuer(directory?: string): Promise<Issuer> {
  const secret = await keepKey(directory)
  const key = await importJWK(secret, ALGORITHM)
  const { d: _, ...open } = secret
  const jwks = { keys: [{ ...open, kid: KEY_ID, alg: ALGORITHM, use: 'sig' }] }
  return {
    issuersParameter: JSON.stringify([{ issuer: ISSUER, audience: AUDIENCE, jwks }]),
    mint: ({ tenant, scopes, lifeSeconds, subject }) =>
      new SignJWT({ tenant, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(`${lifeSeconds} s`)
        .sign(key),
  }
}

async function keepKey(directory: string | undefined): Promise<JWK> {
  if (directory === undefined) return makeKey()
  const file = join(directory, 'issuer-key.json')
  const kept = readKept(file)
  if (kept) return kept
  const made = await makeKey()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(made), { mode: 0o600, flag: 'wx' })
  return made
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  return exportJWK(privateKey)
}

function readKept(file: string): JWK | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
