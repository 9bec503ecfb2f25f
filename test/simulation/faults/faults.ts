import { randomStream } from '../kernel/random.ts'
import type { FaultKind, Profile } from './profiles.ts'

/** Decides where a fault strikes, and counts it. */
export interface Faults {
  /** At most one of these kinds, for one call. */
  readonly draw: (kinds: readonly FaultKind[]) => FaultKind | undefined
  /** Whether this one strikes. */
  readonly strikes: (kind: FaultKind) => boolean
  /** How far the clock of a new function instance is off. */
  readonly skew: () => number
  readonly counts: () => Readonly<Record<string, number>>
}

export interface FaultsOptions {
  readonly seed: number
  readonly profile: Profile
  /** Faults end when this says no. */
  readonly active: () => boolean
}

export function createFaults({ seed, profile, active }: FaultsOptions): Faults {
  const random = randomStream(seed, 'faults')
  const counts: Record<string, number> = {}
  /** One run has three times the usual trouble, another one a third of it. */
  const intensity = 3 ** (2 * random.fraction() - 1)

  const draw: Faults['draw'] = (kinds) => {
    if (!active()) return undefined
    let left = random.fraction()
    for (const kind of kinds) {
      left -= (profile.shares[kind] ?? 0) * intensity
      if (left >= 0) continue
      counts[kind] = (counts[kind] ?? 0) + 1
      return kind
    }
    return undefined
  }

  return {
    draw,
    strikes: (kind) => draw([kind]) !== undefined,
    skew: () => Math.round((random.fraction() - 0.5) * profile.skew),
    counts: () => counts,
  }
}
