/** Races that one call loses before it gives up; whoever called tries again later. */
export const ATTEMPTS = 100

/** Thrown where a condition never holds: two items that do not fit each other are for the audit, not for a hot loop. */
export const contended = (what: string): Error => new Error(`${what}: lost ${ATTEMPTS} races in a row`)
