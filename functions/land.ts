import { advanceLanding } from '../lib/app/landings/advance-landing.ts'
import type { LandingInput, LandingRoute } from '../lib/contract/machines.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { composeParameters } from '../lib/runtime/parameters.ts'
import { createSecrets } from '../lib/runtime/secrets.ts'
import { serverKey } from '../lib/runtime/server-key.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => {
  const variables = environment('land')
  const parameters = composeParameters()
  const secrets = createSecrets(() => serverKey(parameters, variables.TOKEN_KEY_PARAMETER))
  return { ...composeCore(variables), secrets }
})

/** Brings a landing on as far as it goes without a host. */
export const handler = step(({ landingId }: LandingInput): Promise<LandingRoute> =>
  advanceLanding(ports(), landingId),
)
