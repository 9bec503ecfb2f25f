import type { Hosts } from './hosts.ts'
import type { Table } from './table.ts'

/** Everything that the use cases need from outside. Each one asks only for what it uses. */
export interface Ports {
  readonly table: Table
  readonly hosts: Hosts
  readonly executions: Executions
  readonly clock: Clock
  readonly chance: Chance
  readonly secrets: Secrets
  readonly vault: Vault
  readonly compression: Compression
  readonly journal: Journal
  readonly webhooks: Webhooks
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number): Promise<void>
}

export interface Chance {
  /** ULID: sorts by time of making. */
  ulid(): string
  /** 128 random bits in lower-case base32. */
  opaque(): string
  /** In [0, 1). */
  fraction(): number
}

/** Step Functions, as far as a lease's life needs it. Everything may be called twice. */
export interface Executions {
  /** A lease has a running execution when this resolves. */
  ensureLease(leaseId: string): Promise<void>
  ensureCommand(leaseId: string, number: number): Promise<void>
  ensureLanding(landingId: string): Promise<void>
  /** This generation of the build has a running execution when this resolves. */
  ensureBuild(buildId: string, generation: number): Promise<void>
  /** Somebody cleans the slot of that epoch soon; asking again while it is under way asks for nothing more. */
  cleanSlot(host: string, slot: number, epoch: number): Promise<void>
  /** Somebody probes the host until it answers, or until it is well; likewise, for each occasion. */
  probeHost(host: string, occasion: string): Promise<void>
  /** Tells a waiting execution that there is something to do. A token that has moved on is not an error. */
  awaken(taskToken: string): Promise<void>
  /** Keeps a holding execution's heartbeat alive; likewise. */
  heartbeat(taskToken: string): Promise<void>
  /** Where operators find a lease's execution. */
  leaseExecution(leaseId: string): { readonly arn: string; readonly link?: string }
  landingExecution(landingId: string): { readonly arn: string; readonly link?: string }
  buildExecution(buildId: string, generation: number): { readonly arn: string; readonly link?: string }
}

/** Tells others over HTTPS, signed; whoever is told proves nothing by it. */
export interface Webhooks {
  post(message: WebhookMessage): Promise<Posted>
}

export interface WebhookMessage {
  /** The same for every try, so that who hears it twice knows. */
  readonly id: string
  /** Whose secret signs it. */
  readonly tenant: string
  readonly url: string
  readonly body: string
}

/** `refused`: no further try would help. */
export type Posted =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed' | 'refused'; readonly detail: string }

export interface Secrets {
  /** The lease token: the same for the same lease and salt, not to be guessed without the server's key. */
  leaseToken(leaseId: string, salt: string): Promise<string>
  /** SHA-256 in hex. */
  hash(text: string): string
}

/** Keeps secrets where others may read. */
export interface Vault {
  /** Encrypts for one place; it cannot be opened as another place's. */
  seal(text: string, place: string): Promise<Uint8Array>
  /** @throws Error where it was not sealed by this vault for this place */
  open(sealed: Uint8Array, place: string): Promise<string>
}

export interface Compression {
  pack(bytes: Uint8Array): Uint8Array
  unpack(bytes: Uint8Array): Uint8Array
}

/** What operators read later; never a secret. */
export interface Journal {
  info(message: string, facts: Readonly<Record<string, unknown>>): void
  warn(message: string, facts: Readonly<Record<string, unknown>>): void
}
