/** What a template is made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** The assembly says something that this loader cannot follow; the message names the place. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError'
  /** Whether the message already says where; the innermost place is the useful one. */
  readonly located: boolean

  constructor(message: string, { cause, located = false }: { cause?: unknown; located?: boolean } = {}) {
    super(message, { cause })
    this.located = located
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Numbers and booleans count as text, as in CloudFormation. */
export function isScalar(value: Json | undefined): value is string | number | boolean {
  return value !== undefined && typeof value !== 'object'
}
