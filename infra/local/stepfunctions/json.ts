export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** The service's limit on the input, output or result of a state, in bytes of UTF-8. */
export const payloadLimit = 262_144

export function exceedsPayload(text: string): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8: counting bytes is needed near the limit only.
  return text.length * 3 > payloadLimit && Buffer.byteLength(text) > payloadLimit
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parseJson(text: string): Json {
  return JSON.parse(text) as Json
}
