import { createHash } from 'node:crypto'
import type { Result } from '../domain/refusals.ts'
import { ok, refuse } from '../domain/refusals.ts'

/** One promise of a caller: the same key means the same request. Both as SHA-256 in hex. */
export interface IdempotencyKey {
  readonly hash: string
  readonly requestHash: string
}

/** The key of the header, bound to what is asked with it. */
export function idempotencyKey(header: string | undefined, asked: unknown): Result<IdempotencyKey> {
  if (header === undefined || header === '') {
    return refuse('key_required', 'Send a fresh Idempotency-Key, and the same one when you try again.')
  }
  if (!/^[\u0020-\u007e]{1,255}$/.test(header)) {
    return refuse('malformed', 'An Idempotency-Key has 1 to 255 printable ASCII characters.')
  }
  return ok({ hash: sha256(header), requestHash: sha256(canonical(asked)) })
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** JSON with the fields of every object in order: two spellings of one request are one request. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  )
}
