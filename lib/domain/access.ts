import type { Lease } from './lease.ts'

/** Whoever came in with a valid token. */
export interface Caller {
  /** Stable id of the principal: `api-token/<id>`, `issuer/<subject>`, `lease/<id>`. */
  readonly principal: string
  readonly tenant: string
  readonly scopes: readonly Scope[]
  /** The lease whose own token this is. */
  readonly lease?: string
}

/** `untrusted`: may lease as somebody for whose code nobody vouches, such as a pull request of a fork. */
export type Scope = 'lease' | 'untrusted' | 'operator'

export const SCOPES: readonly Scope[] = ['lease', 'untrusted', 'operator']

export const isOperator = (caller: Caller): boolean => caller.scopes.includes('operator')
export const isHolder = (caller: Caller, lease: Pick<Lease, 'id'>): boolean => caller.lease === lease.id

/** Holder, owner or operator: everybody else is told that there is no such lease. */
export const mayRead = (caller: Caller, lease: Pick<Lease, 'id' | 'owner' | 'tenant'>): boolean =>
  isHolder(caller, lease) ||
  isOperator(caller) ||
  (caller.lease === undefined && caller.tenant === lease.tenant && caller.principal === lease.owner)
