import { createToken } from '../lib/app/tokens/api-tokens.ts'
import { tokenRequest } from '../lib/contract/token.ts'
import type { CreatedToken, TokenRequest } from '../lib/contract/token.ts'
import { presentCreatedToken, tokenDemand } from '../lib/http/present/token.ts'
import { systemChance } from '../lib/runtime/chance.ts'
import { systemClock } from '../lib/runtime/clock.ts'
import { composeTable } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { keyless } from '../lib/runtime/secrets.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => ({
  table: composeTable(environment('issue-token').TABLE_NAME),
  clock: systemClock,
  chance: systemChance,
  secrets: keyless,
}))

/** Invoked by hand with AWS credentials: how the first operator gets a token. Its answer is the only copy. */
export const handler = step(async (request: TokenRequest): Promise<CreatedToken> => {
  const demand = tokenDemand(tokenRequest.parse(request))
  return presentCreatedToken(await createToken(ports(), demand))
})
