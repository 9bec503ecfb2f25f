import { randomBytes } from 'node:crypto'
import type { ParameterStore } from '../adapters/parameters/parameters.ts'

const BYTES = 32

/**
 * A key of the service, made by whoever needs it first and never replaced: of two makers the first one wins and both use
 * its key.
 * @throws Error where the parameter holds something else
 */
export async function serverKey(store: ParameterStore, name: string): Promise<Uint8Array> {
  return keyOf(
    name,
    (await store.find(name)) ?? (await store.create(name, randomBytes(BYTES).toString('base64'))),
  )
}

/** For those who only open what others sealed. @throws Error where there is no such key */
export async function knownKey(store: Pick<ParameterStore, 'read'>, name: string): Promise<Uint8Array> {
  return keyOf(name, await store.read(name))
}

function keyOf(name: string, known: string): Uint8Array {
  const key = Buffer.from(known, 'base64')
  if (key.length !== BYTES) throw new Error(`parameter ${name} does not hold ${BYTES} bytes in base64`)
  return key
}
