import type { Value, Write } from '../ports/table.ts'
import { keyNotUsed } from './conditions/tenant.ts'
import { idempotencyKey } from './keys.ts'

/** Idempotency records live a day, milliseconds. */
const LIFE = 86_400_000

/** An Idempotency-Key as its caller used it: both as hashes. */
export interface UsedKey {
  readonly owner: string
  readonly hash: string
  readonly requestHash: string
}

/** Records what a key has made, unless it has made something before. */
export function keepKey(key: UsedKey, made: Readonly<Record<string, Value>>, now: number): Write {
  const expires = now + LIFE
  return {
    kind: 'put',
    item: {
      ...idempotencyKey(key.owner, key.hash),
      ...made,
      requestHash: key.requestHash,
      expires,
      ttl: Math.ceil(expires / 1_000),
    },
    when: keyNotUsed(now),
  }
}
