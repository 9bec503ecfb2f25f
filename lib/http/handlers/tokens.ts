import type { Ports } from '../../app/ports/ports.ts'
import { createToken, listTokens, revokeToken } from '../../app/tokens/api-tokens.ts'
import { ok } from '../../domain/refusals.ts'
import { presentCreatedToken, presentToken, tokenDemand } from '../present/token.ts'
import type { Handlers } from '../router.ts'

export const tokenHandlers = (
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'secrets'>,
): Handlers<'createToken' | 'listTokens' | 'revokeToken'> => ({
  createToken: async ({ body }) =>
    ok({ body: presentCreatedToken(await createToken(ports, tokenDemand(body))) }),

  listTokens: async () => ok({ body: { tokens: (await listTokens(ports)).map(presentToken) } }),

  revokeToken: async ({ parameters }) => {
    const revoked = await revokeToken(ports, parameters.id)
    return revoked.ok ? ok({ body: presentToken(revoked.value) }) : revoked
  },
})
