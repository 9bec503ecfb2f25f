import type { Caller, Scope } from '../../domain/access.ts'
import { SCOPES } from '../../domain/access.ts'
import type { Issuer } from './issuers.ts'

/** They become parts of keys and are shown to operators: short and printable, or they are not taken. */
const SUBJECT = /^[\u0021-\u007e]{1,200}$/
const TENANT = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/

/** The caller that verified claims stand for. A token without an end, a subject or a tenant stands for nobody. */
export function claimedCaller(
  issuer: Pick<Issuer, 'issuer' | 'tenantClaim' | 'scopesClaim'>,
  claims: Readonly<Record<string, unknown>>,
): Caller | undefined {
  const { exp, sub } = claims
  const tenant = claims[issuer.tenantClaim]
  if (typeof exp !== 'number' || typeof sub !== 'string' || typeof tenant !== 'string') return undefined
  if (!SUBJECT.test(sub) || !TENANT.test(tenant)) return undefined
  return { principal: `${issuer.issuer}/${sub}`, tenant, scopes: scopesOf(claims[issuer.scopesClaim]) }
}

function scopesOf(claim: unknown): readonly Scope[] {
  const named = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return SCOPES.filter((scope) => named.includes(scope))
}
