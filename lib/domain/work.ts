import type { TimelineEvent } from './lease.ts'

/**
 * Work: what an execution does through leases for somebody who does not hold them. A build and a landing are work.
 * Like a lease it has a version that every transition raises, a timeline, and one timer for as long as it lives.
 */
export type WorkKind = 'build' | 'landing'

export interface Work {
  readonly id: string
  readonly tenant: string
  readonly status: string
  readonly version: number
  readonly createdAt: number
  /** When the sweep looks at it next; not there: nothing of it is left to do. */
  readonly timer?: number
}

/** A transition of work: as it will be, and the one event that tells of it. */
export interface WorkStep<W extends Work> {
  readonly work: W
  readonly event: TimelineEvent
}

export const KINDS: readonly WorkKind[] = ['build', 'landing']

/** The principal that a lease made by work belongs to. No caller has one like it: theirs name a token or an issuer. */
export const principalOf = (kind: WorkKind, id: string): string => `${kind}/${id}`

/** The work that a lease's owner is, or undefined where it is somebody else. */
export function workOf(owner: string): { readonly kind: WorkKind; readonly id: string } | undefined {
  const [, name, id] = /^([a-z]+)\/([0-9A-HJKMNP-TV-Z]{26})$/.exec(owner) ?? []
  const kind = KINDS.find((one) => one === name)
  return kind && id !== undefined ? { kind, id } : undefined
}
