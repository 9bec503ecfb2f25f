/** One protection taken away: what the rules of the simulation have to notice. */
export interface Mutant {
  readonly name: string
  /** What is weakened, and what that protects. */
  readonly why: string
  /** One change nearly always; more where two guards stand behind each other and either alone would do. */
  readonly changes: readonly Change[]
}

export interface Change {
  /** From the root of the project. */
  readonly file: string
  /** Occurs exactly once in it. */
  readonly find: string
  readonly replace: string
}

/** The source with the change made; a change that does not fit is an error, as it would change nothing. */
export function changed(source: string, { file, find, replace }: Change): string {
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(`${file}: ${parts.length - 1} places fit, not one: ${find.trim()}`)
  }
  return parts.join(replace)
}
