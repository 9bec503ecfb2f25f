import type { Conditions, Final, SweepRun } from '../../watch.ts'

/** Something that ought to be over was not, from one virtual moment to another. */
export interface Lateness {
  readonly what: string
  readonly from: number
  readonly until: number
  /** Milliseconds that it may last where nothing ever goes wrong. */
  readonly allowed: number
  /** Milliseconds after which a sweep finds it. */
  readonly timer: number
}

/** A promise of the design: whatever was forgotten is put right within so long, milliseconds. */
export const REPAIRED_WITHIN = 120_000

/** What a sweep loses a race for it leaves to the execution that it has just started or awakened, milliseconds. */
const HANDED_OVER = 3_000

/**
 * Why this took too long; undefined where it did not. In calm weather only the allowance counts. Else nobody can know
 * what became of whom, but a sweep that nothing disturbed has put everything right, and once the faults are over there
 * are 120 s.
 */
export function tooLate(
  late: Lateness,
  { profile, calmFrom, skew, sweeps }: Conditions & Pick<Final, 'sweeps'>,
) {
  const lasted = late.until - late.from
  if (profile === 'calm') {
    return lasted > late.allowed + skew ? `${late.what} for ${lasted} ms with nothing wrong` : undefined
  }
  const found = sweeps.find((sweep) => passed(sweep, late, skew))
  if (found) return `${late.what} for ${lasted} ms, through a whole sweep`
  const calm = late.until - Math.max(late.from, calmFrom)
  const most = Math.max(late.allowed, late.timer + REPAIRED_WITHIN) + skew
  return calm > most ? `${late.what} for ${calm} ms after the last fault` : undefined
}

const passed = (sweep: SweepRun, late: Lateness, skew: number): boolean =>
  sweep.whole && sweep.startedAt > late.from + late.timer + skew && sweep.endedAt + HANDED_OVER < late.until

/** Whether it may have to be judged in the end; most things are over at once. */
export const isLong = ({ from, until, allowed }: Lateness): boolean => until - from > allowed
