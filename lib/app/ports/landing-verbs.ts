/** What a host does for a landing: it makes the commit, and it gives that commit to the remote. */
interface RemoteStep {
  /** A try of this lease. The same number with the same request is the same try. */
  readonly number: number
  readonly repository: string
  readonly url: string
  readonly allowFile: boolean
  /** For https; only in the environment of the step, and sent to `url` alone. */
  readonly credential?: Credential
  readonly branch: string
  /** What this landing has made so far. Where one of them is in the branch, the landing is done. */
  readonly known: readonly string[]
  /** For each fetch, or for the push. */
  readonly timeoutSeconds: number
  readonly waitSeconds: number
}

export interface Credential {
  readonly user: string
  readonly password: string
}

export type LandingStrategy = 'squash' | 'merge' | 'rebase'

export interface Person {
  readonly name: string
  readonly email: string
}

export interface MergeRequest extends RemoteStep {
  /** 40 or 64 hex digits, or a branch, tag or full ref name. */
  readonly source: string
  readonly strategy: LandingStrategy
  /** Named in every commit that is made, as the trailer `Drydock-Landing`. */
  readonly landing: string
  /** Default: the source's, or for `merge` one that names both. */
  readonly message?: string
  /** Default: the source's author, for `merge` the committer. */
  readonly author?: Person
  readonly committer: Person
  /** Seconds since 1970, of what is made: the same request on the same head makes the same commit, wherever. */
  readonly date: number
  /** The branch must be at this commit. */
  readonly expectedHead?: string
  /** The lease's working copy becomes the commit that was made. */
  readonly copy: boolean
}

export interface Conflict {
  readonly phase: LandingStrategy
  /** The commit whose changes do not fit. */
  readonly at: string
  /** At most 12,000 bytes of names. */
  readonly files: readonly string[]
  readonly truncated: boolean
  readonly stderr: string
}

type Running = { readonly state: 'running'; readonly phase: string }
/** The branch is not where it was expected to be. */
type Moved = { readonly state: 'moved'; readonly head: string }
/** The branch has a commit of this landing. */
type Landed = {
  readonly state: 'landed'
  readonly commit: string
  readonly tree: string
  readonly head: string
}

export type MergeState =
  | Running
  | {
      readonly state: 'made'
      readonly commit: string
      readonly tree: string
      /** The branch's head, on which it was made. */
      readonly before: string
      readonly source: string
    }
  | {
      readonly state: 'conflict'
      readonly conflict: Conflict
      readonly head: string
      readonly source: string
    }
  /** The branch has the source's changes without this landing. */
  | { readonly state: 'already'; readonly head: string; readonly source: string }
  | Moved
  | Landed

export interface PushRequest extends RemoteStep {
  readonly commit: string
  readonly tree: string
  /** The branch's head, on which it was made. */
  readonly before: string
  /** Asks the remote whether it would take it. */
  readonly dryRun: boolean
}

export type PushState =
  | Running
  /** The remote let us in to write. Rules that it applies to what arrives are not tried. */
  | { readonly state: 'dry'; readonly head: string }
  /** This host has not got the commit: it was made on another one. */
  | { readonly state: 'missing' }
  | Moved
  | Landed
