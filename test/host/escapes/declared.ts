/**
 * What an attempt may leave or reach; `nothing` is what a level promises. `script_changed` is what the host's caller says
 * to every verb from then on: the attempt was noticed, and the slot is given to nobody.
 */
export type Trace =
  | 'alive'
  | 'files'
  | 'memory'
  | 'state'
  | 'script'
  | 'script_changed'
  | 'mirror'
  | 'other slot'
  | 'secret'

export interface Attempt {
  readonly name: string
  /**
   * Printing `ready` is its last deed before it waits, or it ends. `$tag` is a number of its own, which everything that
   * it leaves has in its arguments or name; `$root` the host's directory, `$other` another slot's, `$otherLease` that of the lease in it.
   */
  readonly script: string
  /** What it leaves or reaches at level `process`; default: nothing. */
  readonly process?: readonly Trace[]
  /** What it leaves or reaches there only with luck, instead of nothing. */
  readonly perhaps?: readonly Trace[]
  /** It asks the kernel to signal everything that it may: where jobs run as control, that is the machine. */
  readonly usersOnly?: true
}

/** What may come of an attempt: at `user` and `cgroup` nothing, at `process` only what is declared. */
export function declaredOutcomes(
  { process = [], perhaps }: Attempt,
  level: 'process' | 'user' | 'cgroup',
): readonly string[] {
  if (level !== 'process') return ['']
  return [process, ...(perhaps ? [perhaps] : [])].map(shownTraces)
}

export const shownTraces = (traces: readonly Trace[]): string => traces.toSorted().join(', ')
