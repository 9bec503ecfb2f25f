import type { Permission } from '../contract/routes.ts'
import type { Caller, Scope } from '../domain/access.ts'
import { SCOPES } from '../domain/access.ts'
import type { Result } from '../domain/refusals.ts'
import { ok, refuse } from '../domain/refusals.ts'

/** What the authorizer says of who called; texts only, as the gateway hands on nothing else reliably. */
export interface Identity {
  /** Empty: nobody that we know. */
  readonly principal: string
  readonly tenant?: string
  /** Separated by spaces. */
  readonly scopes?: string
  readonly lease?: string
  /** Set where it could not be found out who called. */
  readonly unavailable?: 'yes'
}

const isScope = (text: string): text is Scope => SCOPES.some((scope) => scope === text)

/** Nothing goes on without a principal and a tenant, whatever stands in front. */
export function callerOf(identity: Partial<Identity> | null | undefined): Result<Caller> {
  if (identity?.unavailable === 'yes') {
    return refuse('unavailable', 'Your token could not be checked now.', { retryAfterSeconds: 2 })
  }
  const { principal, tenant, scopes = '', lease } = identity ?? {}
  if (!isFilled(principal) || !isFilled(tenant)) {
    return refuse('unauthenticated', 'Send a valid token as `Authorization: Bearer <token>`.')
  }
  return ok({
    principal,
    tenant,
    scopes: scopes.split(' ').filter(isScope),
    ...(isFilled(lease) ? { lease } : {}),
  })
}

/** Holders and readers are judged by the use cases, which know the lease. */
export function permit(permission: Permission, caller: Caller): Result<Caller> {
  const may =
    permission === 'holder' ||
    permission === 'reader' ||
    caller.scopes.includes('operator') ||
    // How far a blueprint trusts the caller is the blueprint's to say.
    (permission === 'lease' && (caller.scopes.includes('lease') || caller.scopes.includes('untrusted')))
  return may ? ok(caller) : refuse('not_authorized', `This takes a token with the scope ${permission}.`)
}

const isFilled = (text: string | undefined): text is string => typeof text === 'string' && text !== ''
