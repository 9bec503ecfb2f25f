import type { Ports } from './ports/ports.ts'

/** Races that one call loses before it gives up; whoever called tries again later. */
export const ATTEMPTS = 100

/** Longest pause after a race that was lost, milliseconds. */
export const JITTER = 20
/** And after many in a row: a crowd at one place thins out only by waiting. */
const LONGEST_JITTER = 500

/** Waits by chance, longer the more races were lost in a row. */
export const pauseAfter = async (
  { clock, chance }: Pick<Ports, 'clock' | 'chance'>,
  lost: number,
): Promise<void> => clock.sleep(chance.fraction() * Math.min(LONGEST_JITTER, JITTER * lost))

/** Thrown where a condition never holds: two items that do not fit each other are for the audit, not for a hot loop. */
export const contended = (what: string): Error => new Error(`${what}: lost ${ATTEMPTS} races in a row`)
