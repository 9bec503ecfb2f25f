import type { ApiToken } from '../../../contract/token.ts'
import { table } from './plain.ts'

export function listTokens(tokens: readonly ApiToken[]): string {
  return table(
    ['TOKEN', 'TENANT', 'SCOPES', 'EXPIRES', 'NOTE'],
    tokens.map((token) => [token.id, token.tenant, token.scopes.join(' '), token.expiresAt, token.note]),
  )
}
