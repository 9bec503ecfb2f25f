/** What the state machines and the functions they call say to each other. Both sides import it from here. */

/** Names of the machines; execution ARNs are derived from them, so that no function depends on a machine. */
export const MACHINES = {
  lease: 'drydock-lease',
  command: 'drydock-command',
  slot: 'drydock-slot',
  host: 'drydock-host',
  landing: 'drydock-landing',
  build: 'drydock-build',
} as const

/** Errors that a machine matches by name. */
export const ERRORS = {
  /** The table did not take a write after all retries; trying again later is right. */
  tableBusy: 'DrydockTableBusy',
} as const

/** Input of a lease's execution: nothing else, or a retried start becomes an error. */
export interface LeaseInput {
  readonly leaseId: string
}

export interface CommandInput {
  readonly leaseId: string
  readonly number: number
}

export interface SlotInput {
  readonly host: string
  readonly slot: number
}

export interface HostInput {
  readonly host: string
}

export interface LandingInput {
  readonly landingId: string
}

/** What `Probe` is told: how often it was called before, which says how long to pause. */
export interface ProbeInput extends HostInput {
  readonly tries: number
}

/** What `Clean` is told: how often it was called before, which says how long to pause. */
export interface CleanInput extends SlotInput {
  readonly tries: number
}

/** What `Decide` is told: its own memory of visits, so that no fault becomes a hot loop. */
export interface DecideInput extends LeaseInput {
  readonly visits?: Visits
}

export interface Visits {
  readonly count: number
  /** Epoch milliseconds of the first of these visits. */
  readonly since: number
  readonly version: number
}

/** Where a lease's execution goes next. Seconds are whole and at least 1; heartbeat is below timeout. */
export type Route =
  | { readonly route: 'WAIT'; readonly timeoutSeconds: number }
  | { readonly route: 'ACTIVATE' }
  | { readonly route: 'YIELD'; readonly seconds: number }
  | { readonly route: 'HOLD'; readonly timeoutSeconds: number; readonly heartbeatSeconds: number }
  | { readonly route: 'KEEP'; readonly timeoutSeconds: number }
  | { readonly route: 'DESTROY' }
  | { readonly route: 'DECIDE' }
  | { readonly route: 'DONE' }

/** `Decide` answers a route (never DECIDE) and its visits; PAUSE means: wait, then decide again. */
export type Decision = (
  | Exclude<Route, { route: 'DECIDE' }>
  | { readonly route: 'PAUSE'; readonly seconds: number }
) & {
  readonly visits: Visits
}

/** `Destroy` says whether the host confirmed that nothing is left; `Finalize` is told. Not there: not confirmed. */
export interface DestroyAnswer {
  readonly confirmed: boolean
  /** Set where the lease must not be destroyed: go back to Decide. */
  readonly route: 'FINALIZE' | 'DECIDE'
}

export interface FinalizeInput extends LeaseInput {
  readonly confirmed: boolean
}

/** Where a landing's execution goes next; who waits was told so often, and is not told any more. */
export type LandingRoute =
  | {
      readonly route: 'TURN' | 'LEASE' | 'STEP'
      readonly timeoutSeconds: number
      readonly told: number
    }
  | { readonly route: 'MERGE' | 'PUSH' }
  | { readonly route: 'PAUSE'; readonly seconds: number }
  | { readonly route: 'DONE' }

/** What a host came to: it is in the table, or the host is asked again after so many seconds. */
export type LandingAtHost =
  | { readonly route: 'DECIDE' }
  | { readonly route: 'YIELD'; readonly seconds: number }

/** A slice of following a command, or of cleaning a slot: done, or call again after so many seconds. */
export type Slice = { readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }

/** One execution per generation of a build. */
export interface BuildInput {
  readonly buildId: string
  readonly generation: number
}

/** What `Build` is told: which state calls, and whether it could not go on for long. */
export interface BuildStepInput extends BuildInput {
  readonly act: 'LEASE' | 'STEP' | 'RELEASE' | 'RESULT'
  readonly faulty?: boolean
}

/** Where a build's execution goes next; it waits only while its record was told as often as `told` says. */
export type BuildRoute =
  | {
      readonly route: 'AWAIT_LEASE' | 'AWAIT_STEP' | 'AWAIT_RELEASE'
      readonly told: number
      readonly timeoutSeconds: number
    }
  | { readonly route: 'LEASE' | 'STEP' | 'RELEASE' | 'RESULT' | 'DONE' }
  | { readonly route: 'NOTIFY'; readonly event: Readonly<Record<string, string | number>> }

/** The bus that others listen to, and what they hear on it. */
export const BUS = { name: 'drydock', build: { source: 'drydock.build', ended: 'Build Ended' } } as const
