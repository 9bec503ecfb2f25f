import type { Isolation } from '../../domain/isolation.ts'
import type { Merge, Receipt } from '../../domain/lease.ts'
import type { Reach } from '../../domain/slot.ts'
import type { Conflict, MergeRequest, MergeState, PushRequest, PushState } from './landing-verbs.ts'

/**
 * What the control plane asks of a host: fixed verbs, each safe to send twice, late or out of order.
 * The host itself refuses work that carries an old epoch; see docs/design.md, "The host".
 */
export interface Hosts {
  probe(target: HostTarget): Promise<HostAnswer<Probe>>
  /** Kills, wipes and starts a slot anew. Refused `unknown` unless the host's nonce is `seen` (null: none there). */
  init(target: HostTarget, slot: SlotRef & { readonly seen: string | null }): Promise<HostAnswer<object>>
  /** Says at which level jobs of the slot run from now on. */
  open(target: HostTarget, slot: SlotRef): Promise<HostAnswer<Opened>>
  /** Answers done only when nothing that the slot ever started is left. */
  close(target: HostTarget, slot: SlotRef): Promise<HostAnswer<object>>
  /** Starts the checkout detached if it is not there yet, and waits at most `waitSeconds` for its end. */
  checkout(target: HostTarget, slot: SlotRef, request: CheckoutRequest): Promise<HostAnswer<CheckoutState>>
  /**
   * Removes every working copy of the slot that is not named and that this lease has no checkout of; says what is left.
   * For a slot that is open or closed in this very epoch.
   */
  tidy(
    target: HostTarget,
    slot: SlotRef,
    request: { readonly keep: readonly string[] },
  ): Promise<HostAnswer<Survey>>
  /** Starts command `number`; a second call with that number returns its status. */
  run(target: HostTarget, slot: SlotRef, command: CommandRequest): Promise<HostAnswer<CommandState>>
  /** `run`, and `follow` from the first byte, in one call. */
  perform(
    target: HostTarget,
    slot: SlotRef,
    command: CommandRequest,
    look: Look,
  ): Promise<HostAnswer<FollowState>>
  /** Blocks until there is output past the offsets, the command's end, or `waitSeconds` are over. */
  follow(target: HostTarget, slot: SlotRef, request: FollowRequest): Promise<HostAnswer<FollowState>>
  /**
   * Kills the command's processes; its end is then read with `follow`. Of a number that the host does not know it answers
   * `unknown_command`, and sees to it that none of that number starts any more.
   */
  cancel(target: HostTarget, slot: SlotRef, number: number): Promise<HostAnswer<object>>
  /** Makes the commit of a landing, detached; asked again with the same number it is the same merge. */
  merge(target: HostTarget, slot: SlotRef, request: MergeRequest): Promise<HostAnswer<MergeState>>
  /** Gives a commit that `merge` made to the remote, without force. */
  push(target: HostTarget, slot: SlotRef, request: PushRequest): Promise<HostAnswer<PushState>>
}

export type HostTarget = Reach & {
  readonly name: string
  /** Directory on the host that holds script, state, mirrors and slots. Absolute, or relative to the login directory. */
  readonly directory: string
}

export type Transport = Reach['transport']
/** A host of one kind, as the adapter for that kind meets it. */
export type TargetOver<T extends Transport> = Extract<HostTarget, { readonly transport: T }>

export interface SlotRef {
  readonly slot: number
  /** Known to the table and the host; another one on the host means that its disk is not the one we left. */
  readonly nonce: string
  readonly epoch: number
}

/** A verb's outcome as a value; exceptions are faults of our own. */
export type HostAnswer<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The host keeps its fence: `stale` and `closed` end the caller's claim, `unknown` makes the slot dirty. */
  | {
      readonly kind: 'refused'
      readonly code: 'stale' | 'closed' | 'opening'
      readonly detail: string
    }
  /** `seen`: the nonce that the host has instead (null: none), which `init` must name. */
  | {
      readonly kind: 'refused'
      readonly code: 'unknown'
      readonly detail: string
      readonly seen: string | null
    }
  /** `request`: the caller's fault; `remote`: the git server's; `host`: the machine's. */
  | {
      readonly kind: 'failed'
      readonly fault: 'request' | 'remote' | 'host'
      readonly code: HostFailureCode
      readonly detail: string
    }
  /** Too many connections or sessions for now: try again later, nobody's fault. */
  | { readonly kind: 'busy'; readonly detail: string }

export type HostFailureCode =
  | 'unreachable'
  | 'host_key_mismatch'
  | 'script_changed'
  | 'authentication_failed'
  | 'script_failed'
  | 'not_empty'
  | 'disk_full'
  | 'unknown_commit'
  | 'bad_ref'
  | 'bad_url'
  | 'shallow_source'
  | 'fetch_failed'
  | 'unproven'
  | 'unknown_command'
  | 'bad_directory'
  | 'bad_payload'
  | 'unknown_branch'
  | 'unrelated_histories'
  | 'not_linear'
  | 'push_refused'
  | 'push_failed'

export interface Probe {
  readonly git: string
  readonly bootId: string
  readonly isolation: Isolation
  readonly diskFreeBytes: number
  readonly diskTotalBytes: number
  /** The host's clock, epoch milliseconds. */
  readonly clock: number
}

export interface Opened {
  readonly isolation: Isolation
}

export interface Disk {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The working copies of a slot as they lie on the disk. */
export interface Survey {
  /** A size is missing where it took too long to measure. */
  readonly copies: readonly { readonly name: string; readonly bytes?: number }[]
  readonly disk: Disk
}

export interface CheckoutRequest {
  /** Registered name; safe as a directory's name after escaping. */
  readonly repository: string
  readonly url: string
  /** 40 or 64 hex digits, or a branch, tag or full ref name. */
  readonly commit: string
  /** Where the url's scheme is `file` and the repository was registered so on purpose. */
  readonly allowFile: boolean
  /** Refs that are merged onto the commit, one after the other. */
  readonly merges?: readonly Merge[]
  /** Where it goes in a collection; not there: it is a working copy of its own. */
  readonly place?: {
    readonly collection: string
    readonly directory: string
    /** Of all its repositories; nothing else lies beside them. */
    readonly directories: readonly string[]
  }
  readonly fetchTimeoutSeconds: number
  readonly waitSeconds: number
}

export type CheckoutState =
  | { readonly state: 'running'; readonly phase: string }
  | { readonly state: 'done'; readonly receipt: Receipt; readonly disk?: Disk }
  /** One of the merges does not fit. */
  | { readonly state: 'conflict'; readonly conflict: Conflict }

export interface CommandRequest {
  readonly number: number
  /** Executed as it is, without a shell, unless argv[0] is one. */
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Like `environment`; on the host only in a file that nobody else can read, until the command has started. */
  readonly secretEnvironment?: Readonly<Record<string, string>>
  /** What it reads from its standard input; not there: nothing. */
  readonly input?: Uint8Array
  readonly timeoutSeconds: number
  /** Relative to the working copy (or the slot's scratch directory for a host lease). */
  readonly directory: string
  /** Bytes that the host keeps of each stream's beginning and of its end, at least; what is between may go. */
  readonly keepBytes?: number
}

export type CommandState =
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly end: CommandEnd }

export interface CommandEnd {
  /**
   * As the host's shell saw it: 128 + n when signal n ended it. `null` when its supervisor died with it, its output could
   * not be kept, or it never started.
   */
  readonly exitCode: number | null
  readonly cause: 'exited' | 'timeout' | 'cancelled' | 'lost'
  /** Epoch milliseconds by the host's clock. */
  readonly startedAt: number
  readonly endedAt: number
}

export interface Look {
  /** Of both streams together. 0: only the command's end is waited for and told. */
  readonly maxBytes: number
  readonly waitSeconds: number
}

/** Offsets never lie between what the host keeps of a stream's beginning and of its end. */
export interface FollowRequest extends Look {
  readonly number: number
  readonly stdoutOffset: number
  readonly stderrOffset: number
}

export interface FollowState {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Sizes of the whole streams so far; final once there is an end. */
  readonly stdoutSize: number
  readonly stderrSize: number
  /** Present once the command ended and both streams were returned to their ends, or none was asked for. */
  readonly end?: CommandEnd
}
