import type { z } from 'zod'
import type { ApiToken as StoredToken, TokenDemand } from '../../app/tokens/api-tokens.ts'
import type { ApiToken, CreatedToken, tokenRequest } from '../../contract/token.ts'
import { given } from './given.ts'
import { iso, milliseconds } from './instant.ts'

export const tokenDemand = (request: z.output<typeof tokenRequest>): TokenDemand => ({
  tenant: request.tenant,
  scopes: [...new Set(request.scopes)],
  life: milliseconds(request.expiresInSeconds),
  ...given({ note: request.note }),
})

export const presentToken = (token: StoredToken): ApiToken => ({
  id: token.id,
  tenant: token.tenant,
  scopes: [...token.scopes],
  createdAt: iso(token.createdAt),
  expiresAt: iso(token.expiresAt),
  ...given({ note: token.note }),
})

export const presentCreatedToken = (created: {
  readonly token: string
  readonly record: StoredToken
}): CreatedToken => ({ ...presentToken(created.record), token: created.token })
