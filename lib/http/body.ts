import type { Result } from '../domain/refusals.ts'
import { ok, refuse } from '../domain/refusals.ts'

/** Bytes, unless the route says otherwise; the largest item that a body becomes is far below. */
export const MOST_BYTES = 1_000_000
const DEEPEST = 32

export interface RawBody {
  readonly text?: string | undefined
  readonly isBase64: boolean
  readonly contentType?: string | undefined
  readonly mostBytes?: number | undefined
}

/** The JSON value of a body; undefined where there is none. */
export function readBody({
  text = '',
  isBase64,
  contentType,
  mostBytes = MOST_BYTES,
}: RawBody): Result<unknown> {
  if (text === '') return ok(undefined)
  const bytes = Buffer.from(text, isBase64 ? 'base64' : 'utf8')
  if (bytes.length > mostBytes) {
    return refuse('too_large', `The body has ${bytes.length} bytes; ${mostBytes} are allowed.`)
  }
  if (!isJson(contentType)) return refuse('malformed', 'Send the body as content-type: application/json.')
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isTooDeep(value) ? refuse('malformed', `The body is nested over ${DEEPEST} levels.`) : ok(value)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('malformed', 'The body is not valid JSON.')
    if (error instanceof TypeError) return refuse('malformed', 'The body is not valid UTF-8.')
    throw error
  }
}

const isJson = (contentType = ''): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'

/** Level by level, not by recursion: a body may be nested deeper than the stack. */
function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap((entry) =>
      typeof entry === 'object' && entry !== null ? Object.values(entry) : [],
    )
  }
  return false
}
