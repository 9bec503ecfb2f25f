import type { Work } from '../work.ts'

/**
 * A landing: a reviewed change is put onto a branch by the server, one landing at a time for each branch.
 *
 *   queued     waits for its branch's turn
 *   leasing    has the turn; its working copy is being made ready
 *   merging    the commit is being made on a host
 *   verifying  its steps run in a copy of that commit
 *   pushing    the recorded commit is being given to the remote
 *   ending     what came of it is known; lease and turn are given back
 *   ended      over
 */
export type Landing =
  | QueuedLanding
  | LeasingLanding
  | MergingLanding
  | VerifyingLanding
  | PushingLanding
  | EndingLanding
  | EndedLanding

export type LandingStatus = Landing['status']
/** It has the branch's turn. */
export type TurnLanding = Exclude<Landing, QueuedLanding | EndedLanding>
/** It still does something about landing. */
export type StrivingLanding = Exclude<TurnLanding, EndingLanding>
/** It has a lease that is, or was, active. */
export type LeasedLanding = MergingLanding | VerifyingLanding | PushingLanding

export type Strategy = 'squash' | 'merge' | 'rebase'

export interface Person {
  readonly name: string
  readonly email: string
}

/** What is run in a working copy of the commit before it is pushed. */
export interface VerifyStep {
  readonly name: string
  /** Run by the interpreter of its `#!` line, else by `sh -e`. */
  readonly script: string
  readonly timeoutSeconds: number
}

/** Fixed when the landing is made. */
export interface LandingTerms {
  readonly id: string
  readonly tenant: string
  /** Principal that asked. */
  readonly owner: string
  readonly repository: string
  readonly branch: string
  /** As it was asked for: a commit id, branch, tag or ref. */
  readonly source: string
  readonly strategy: Strategy
  readonly message?: string
  readonly author?: Person
  readonly committer: Person
  readonly expectedHead?: string
  readonly verify: readonly VerifyStep[]
  readonly dryRun: boolean
  readonly blueprint: string
  readonly priority: number
  readonly note?: string
  readonly createdAt: number
  readonly waitDeadline: number
  /** Place in the branch's queue; counts up. */
  readonly place: number
}

/** A commit that was made for this landing. Whatever happens, it is looked for in the branch before another is made. */
export interface MadeCommit {
  readonly commit: string
  readonly tree: string
  /** The branch's head on which it was made. */
  readonly before: string
  /** The source, as it was found then; from then on it is the source. */
  readonly source: string
}

export interface VerifiedStep {
  readonly name: string
  readonly lease: string
  readonly command: number
  readonly cause: string
  readonly exitCode?: number
}

interface Progress extends Work {
  /** Oldest first, each commit once. */
  readonly made: readonly MadeCommit[]
  /** Times that the branch had moved under it. */
  readonly moves: number
  /** Leases that were lost before it was through. */
  readonly losses: number
  /** Since then only the remote can say whether it has landed. */
  readonly pushBegun: boolean
  /** The steps passed with this commit. */
  readonly verified?: string
  readonly steps: readonly VerifiedStep[]
}

type Base = LandingTerms & Progress

interface Timed {
  readonly timer: number
}

interface WithTurn extends Timed {
  readonly turnAt: number
  /** Until then it may begin to push. */
  readonly deadline: number
  /** Chosen before it exists, so that it is known what to give back. */
  readonly lease: string
  /** When it came into this status. */
  readonly since: number
}

export type QueuedLanding = Base & Timed & { readonly status: 'queued' }
export type LeasingLanding = Base & WithTurn & { readonly status: 'leasing' }
export type MergingLanding = Base & WithTurn & { readonly status: 'merging' }
export type VerifyingLanding = Base &
  WithTurn & {
    readonly status: 'verifying'
    /** Which of the steps. */
    readonly step: number
    /** Its number in the lease, once it was started. */
    readonly command?: number
  }
export type PushingLanding = Base & WithTurn & { readonly status: 'pushing' }
export type EndingLanding = Base & WithTurn & { readonly status: 'ending'; readonly outcome: Outcome }
export type EndedLanding = Base & {
  readonly status: 'ended'
  readonly timer?: never
  readonly turnAt?: number
  readonly lease?: string
  readonly outcome: Outcome
  readonly endedAt: number
}

/** What the branch has now, and what it had before. */
export interface LandingReceipt extends MadeCommit {
  readonly after: string
}

export interface LandingConflict {
  readonly phase: Strategy
  readonly at: string
  readonly files: readonly string[]
  readonly truncated: boolean
  readonly stderr: string
}

export type Outcome =
  | { readonly result: 'landed'; readonly receipt: LandingReceipt }
  /** The branch has the source's changes, and not by this landing. */
  | { readonly result: 'already_landed'; readonly head: string; readonly source: string }
  /** It would land; the remote let us in to write. */
  | { readonly result: 'dry_run'; readonly receipt: LandingReceipt }
  | {
      readonly result: 'conflict'
      readonly conflict: LandingConflict
      readonly head: string
      readonly source: string
    }
  | { readonly result: 'failed'; readonly code: string; readonly detail: string }
  | { readonly result: 'cancelled'; readonly by: string }

/** The commit that is being verified or pushed: the last that was made. */
export function currentCommit(landing: Landing): MadeCommit {
  const made = landing.made.at(-1)
  if (!made) throw new Error(`landing ${landing.id} has made no commit yet`)
  return made
}

/** Pinned by the first merge: a branch that moves on meanwhile is not followed. */
export const sourceOf = (landing: Landing): string => landing.made.at(-1)?.source ?? landing.source
