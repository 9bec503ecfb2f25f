import { JwtVerifier } from 'aws-jwt-verify'
import { FetchError, JwtBaseError } from 'aws-jwt-verify/error'
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt'
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { JwtPayload } from 'aws-jwt-verify/jwt-model'
import type { Caller } from '../../domain/access.ts'
import { claimedCaller } from './claims.ts'
import type { Issuer } from './issuers.ts'

/**
 * Who the bearer of a JWT of one of these issuers is; undefined for everything that is not one, whatever the reason.
 * @throws FetchError where the issuer's keys could not be fetched
 */
export type JwtCheck = (token: string) => Promise<Caller | undefined>

interface Checked {
  readonly issuer: Issuer
  readonly verify: (token: string) => Promise<JwtPayload>
}

/** Algorithms are those of the issuer's keys: a token cannot choose its own, and `none` is no algorithm. */
export function createJwtCheck(issuers: readonly Issuer[]): JwtCheck {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, checkOf(issuer)]))
  return async (token) => {
    try {
      const { iss } = decomposeUnverifiedJwt(token).payload
      const checked = iss === undefined ? undefined : known.get(iss)
      return checked && claimedCaller(checked.issuer, await checked.verify(token))
    } catch (error) {
      if (error instanceof FetchError || !(error instanceof JwtBaseError)) throw error
      return undefined
    }
  }
}

/** Keys that are given are final: a token that names another one sends nobody to look for it. */
function checkOf(issuer: Issuer): Checked {
  const { audience, jwks, jwksUri } = issuer
  if (jwks) {
    const verifier = JwtVerifier.create({ issuer: issuer.issuer, audience })
    verifier.cacheJwks(jwks as Jwks)
    return { issuer, verify: async (token) => verifier.verifySync(token) }
  }
  const verifier = JwtVerifier.create({
    issuer: issuer.issuer,
    audience,
    ...(jwksUri === undefined ? {} : { jwksUri }),
  })
  return { issuer, verify: (token) => verifier.verify(token) }
}
