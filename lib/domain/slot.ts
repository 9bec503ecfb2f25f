import type { Isolation } from './isolation.ts'

/** One unit of a host's capacity: one directory tree, one process group, one lease at a time. */
export type Slot = FreeSlot | HeldSlot | DirtySlot | WithheldSlot | BrokenSlot

export interface SlotBase {
  readonly host: string
  readonly number: number
  readonly pool: string
  /** Fencing token: raised by every acquisition and cleaning, stored on the host too. */
  readonly epoch: number
  /** What the host's slot was last initialised with; null before the first cleaning. */
  readonly nonce: string | null
  /** False while the host gives no new leases. */
  readonly offered: boolean
  /** Names of the working copies that stand warm on it, the one used last first; their records say the same. */
  readonly warm: readonly string[]
  /** Code that nobody vouches for ran on it since its copies were made anew. */
  readonly tainted?: true
  /** When a lease last gave it back. */
  readonly usedAt?: number
  /** When something of what stands on it has to go: it is then cleaned while nobody has it. */
  readonly tidyAt?: number
}

export interface FreeSlot extends SlotBase {
  readonly state: 'free'
  /** Sort key of its free token: the token exists if and only if the slot is free. */
  readonly token: string
}

export interface HeldSlot extends SlotBase {
  readonly state: 'held'
  readonly lease: string
}

export interface DirtySlot extends SlotBase {
  readonly state: 'dirty'
  /** Nothing of it is kept: its room is needed. */
  readonly wipe?: true
}

export interface WithheldSlot extends SlotBase {
  readonly state: 'withheld'
}

export interface BrokenSlot extends SlotBase {
  readonly state: 'broken'
}

export interface FreeToken {
  readonly pool: string
  /** `<random>#<host>#<number>`; the random part spreads takers over the tokens. */
  readonly key: string
  readonly host: string
  readonly number: number
  readonly epoch: number
  readonly warm: readonly string[]
  readonly tainted?: true
  readonly usedAt?: number
}

export type Host = Reach & HostBase

/** How a host is reached: over SSH at an address, or through Systems Manager by its id there. */
export type Reach = SshReach | SsmReach

export interface SshReach {
  readonly transport: 'ssh'
  readonly address: string
  readonly port: number
  readonly user: string
  /** Pinned, as OpenSSH prints it: `SHA256:` and unpadded base64. */
  readonly hostKey: string
}

export interface SsmReach {
  readonly transport: 'ssm'
  /** `i-...` of EC2, or `mi-...` of a machine that was registered. */
  readonly instance: string
}

export interface HostBase {
  readonly name: string
  readonly pool: string
  readonly directory: string
  readonly capacity: number
  readonly state: HostState
  /** Why it is in this state, or what went wrong last. */
  readonly reason?: string
  /** Who put it into this state, when, and until when. */
  readonly changed?: { readonly by: string; readonly at: number; readonly until?: number }
  /** Raised by every change of state: a slot follows the last one. */
  readonly changes: number
  /** It is gone for good: whoever holds a slot of it is told, as long as somebody does. */
  readonly lost?: true
  /** Activations that it failed one after the other, and all that it ever failed: the latter only grows. */
  readonly failuresInARow: number
  readonly failures?: number
  /** The same of holders who suspect it. */
  readonly suspicionsInARow?: number
  readonly suspicions?: number
  /** Quarantines since a lease last worked on it. */
  readonly relapses?: number
  /** Raised by each change of these numbers. */
  readonly tallies?: number
  /** As it was probed last; not there: never yet. */
  readonly isolation?: Isolation
  readonly lastSeenAt?: number
  readonly probedAt?: number
  readonly probe?: ProbeResult
}

/** What the last probe said; the facts are missing where the host did not answer, the trouble where all was well. */
export type ProbeResult = {
  readonly git?: string
  readonly diskFreeBytes?: number
  readonly diskTotalBytes?: number
  /** Milliseconds at least; above 0: the host is ahead. */
  readonly clockSkew?: number
  readonly trouble?: { readonly code: string; readonly detail: string }
}

export type HostState = 'active' | 'draining' | 'quarantined' | 'disabled' | 'destroyed'

/** How a host is reached, and nothing else of it. */
export const reachOf = (host: Reach): Reach =>
  host.transport === 'ssm'
    ? { transport: 'ssm', instance: host.instance }
    : { transport: 'ssh', address: host.address, port: host.port, user: host.user, hostKey: host.hostKey }

/** Only an active host gives its slots to leases; whatever else it is, what it holds goes on to its end. */
export const givesLeases = (host: Pick<Host, 'state'>): boolean => host.state === 'active'

/** Whether a slot is as its host's state asks for: offered or not, and free or withheld accordingly. */
export const follows = (slot: Slot, host: Pick<Host, 'state'>): boolean =>
  slot.offered === givesLeases(host) && slot.state !== (givesLeases(host) ? 'withheld' : 'free')

/** As it is made: dirty, so that its first cleaning makes it known to the host. */
export const newSlot = (host: Pick<Host, 'name' | 'pool' | 'state'>, number: number): DirtySlot => ({
  state: 'dirty',
  host: host.name,
  number,
  pool: host.pool,
  epoch: 1,
  nonce: null,
  offered: givesLeases(host),
  warm: [],
})
