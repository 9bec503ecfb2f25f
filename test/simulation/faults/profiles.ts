import type { ProfileName } from '../watch.ts'

/** Everything that can go wrong, by the words under which it is counted. */
export const FAULTS = {
  table: [
    'table throttled',
    'transaction in conflict',
    'table failed before commit',
    'answer lost after commit',
    'committed, lost, sent again',
    'table slow',
    'table answered late',
  ],
  service: [
    'start refused',
    'start answered with a failure',
    'start sent twice',
    'token refused',
    'token lost',
    'token late',
    'token used twice',
    'token answered with a failure',
  ],
  invocation: [
    'invocation throttled',
    'invocation late',
    'invocation doubled',
    'invocation given up while running',
    'invocation never answered',
    'status change lost',
    'status change told twice',
  ],
  host: [
    'host unreachable',
    'host busy',
    'host script failed',
    'host disk full',
    'reply lost after the verb',
    'verb came again later',
    'host slow',
    'host down for a while',
  ],
  death: [
    'died before a call',
    'died after a call',
    'sweep skipped',
    'sweeps overlapped',
    'execution stopped',
    'host imaged anew',
  ],
} as const

export type FaultKind = (typeof FAULTS)[keyof typeof FAULTS][number]

/** How often each fault strikes where it can, of 1. Acts that are not calls (a stop, an outage) are tried each minute. */
const SHARES: Readonly<Record<FaultKind, number>> = {
  'table throttled': 0.004,
  'transaction in conflict': 0.006,
  'table failed before commit': 0.003,
  'answer lost after commit': 0.005,
  'committed, lost, sent again': 0.01,
  'table slow': 0.003,
  'table answered late': 0.003,
  'start refused': 0.03,
  'start answered with a failure': 0.03,
  'start sent twice': 0.05,
  'token refused': 0.03,
  'token lost': 0.05,
  'token late': 0.05,
  'token used twice': 0.05,
  'token answered with a failure': 0.03,
  'invocation throttled': 0.01,
  'invocation late': 0.01,
  'invocation doubled': 0.04,
  'invocation given up while running': 0.01,
  'invocation never answered': 0.005,
  'status change lost': 0.3,
  'status change told twice': 0.2,
  'host unreachable': 0.02,
  'host busy': 0.02,
  'host script failed': 0.01,
  'host disk full': 0.1,
  'reply lost after the verb': 0.03,
  'verb came again later': 0.05,
  'host slow': 0.02,
  'host down for a while': 0.08,
  'died before a call': 0.004,
  'died after a call': 0.004,
  'sweep skipped': 0.2,
  'sweeps overlapped': 0.2,
  'execution stopped': 0.3,
  'host imaged anew': 0.08,
}

export interface Profile {
  readonly name: ProfileName
  readonly shares: Readonly<Partial<Record<FaultKind, number>>>
  /** Most that two clocks differ, milliseconds. */
  readonly skew: number
}

const only = (...groups: readonly (keyof typeof FAULTS)[]): Profile['shares'] =>
  Object.fromEntries(
    groups.flatMap((group) => FAULTS[group].map((kind: FaultKind) => [kind, SHARES[kind]] as const)),
  )

const SKEW = 5_000

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  calm: { name: 'calm', shares: {}, skew: 0 },
  weather: { name: 'weather', shares: only('table', 'service'), skew: SKEW },
  deaths: { name: 'deaths', shares: only('death'), skew: 0 },
  storm: { name: 'storm', shares: only('table', 'service', 'invocation', 'host', 'death'), skew: SKEW },
}

export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[]

/** Every eighth run is calm, and half of them meet everything. */
const ROUND: readonly ProfileName[] = [
  'storm',
  'weather',
  'deaths',
  'storm',
  'calm',
  'storm',
  'weather',
  'storm',
]

/** A seed always has the same profile, so that its number is enough to see it again. */
export const profileOf = (seed: number): ProfileName => ROUND[seed % ROUND.length] ?? 'storm'
