import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import type { Journal, Ports } from '../../app/ports/ports.ts'
import { recognise } from '../../app/tokens/api-tokens.ts'
import type { Caller } from '../../domain/access.ts'
import type { Identity } from '../caller.ts'
import { bearerOf, looksLikeJwt } from './bearer.ts'
import { parseIssuers } from './issuers.ts'
import { createJwtCheck } from './jwt.ts'
import type { JwtCheck } from './jwt.ts'

type Needs = Pick<Ports, 'table' | 'clock' | 'secrets'> & { readonly journal: Pick<Journal, 'warn'> }

export interface Verdict {
  /** Always: the gateway's own refusals have no code. Who nobody knows has no principal, and is refused inside. */
  readonly isAuthorized: true
  readonly context: Identity
}

const NOBODY: Identity = { principal: '' }
/** Texts only: the gateway drops a field that is null. */
const UNKNOWABLE: Identity = { principal: '', unavailable: 'yes' }

/**
 * Says who calls: by one of our own tokens, or by a JWT of a configured issuer. Never throws, and never logs a token
 * or a claim.
 *
 * @param readIssuers the operators' list of issuers as JSON; undefined where there is none
 */
export function createAuthorizer(
  ports: Needs,
  readIssuers: () => Promise<string | undefined>,
): (event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers'>) => Promise<Verdict> {
  let known: { readonly text: string | undefined; readonly check: JwtCheck } | undefined

  async function checkJwt(token: string): Promise<Caller | undefined> {
    const text = await readIssuers()
    if (!known || known.text !== text) known = { text, check: createJwtCheck(parseIssuers(text)) }
    return known.check(token)
  }

  return async (event) => {
    const token = bearerOf(event.headers?.['authorization'])
    if (token === undefined) return { isAuthorized: true, context: NOBODY }
    try {
      const caller = looksLikeJwt(token) ? await checkJwt(token) : await recognise(ports, token)
      return { isAuthorized: true, context: caller ? identityOf(caller) : NOBODY }
    } catch (error) {
      const fault = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
      ports.journal.warn('a token could not be checked', { fault })
      return { isAuthorized: true, context: UNKNOWABLE }
    }
  }
}

const identityOf = ({ principal, tenant, scopes, lease }: Caller): Identity => ({
  principal,
  tenant,
  scopes: scopes.join(' '),
  ...(lease === undefined ? {} : { lease }),
})
