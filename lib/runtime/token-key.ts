import { randomBytes } from 'node:crypto'
import type { ParameterStore } from '../adapters/parameters/parameters.ts'

const BYTES = 32

/**
 * The key of the lease tokens, made by whoever needs it first and never replaced: of two makers the first one wins and
 * both use its key.
 * @throws Error where the parameter holds something else
 */
export async function tokenKey(store: ParameterStore, name: string): Promise<Uint8Array> {
  const known = (await store.find(name)) ?? (await store.create(name, randomBytes(BYTES).toString('base64')))
  const key = Buffer.from(known, 'base64')
  if (key.length !== BYTES) throw new Error(`parameter ${name} does not hold ${BYTES} bytes in base64`)
  return key
}
