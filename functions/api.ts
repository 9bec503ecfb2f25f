import { apiRouter } from '../lib/http/api.ts'
import { createHandler } from '../lib/http/handler.ts'
import type { ApiEvent } from '../lib/http/request.ts'
import { gzip } from '../lib/runtime/compression.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { observer } from '../lib/runtime/observer.ts'
import { composeParameters } from '../lib/runtime/parameters.ts'
import { createSecrets } from '../lib/runtime/secrets.ts'
import { serverKey } from '../lib/runtime/server-key.ts'
import { createVault } from '../lib/runtime/vault.ts'

const route = lazy(() => {
  const variables = environment('api')
  const parameters = composeParameters()
  const secrets = createSecrets(() => serverKey(parameters, variables.TOKEN_KEY_PARAMETER))
  const vault = createVault(() => serverKey(parameters, variables.SECRET_KEY_PARAMETER))
  return apiRouter({ ...composeCore(variables), secrets, vault, compression: gzip })
})

/** Every route of the HTTP API but the long polls. */
export const handler = createHandler(async (event: ApiEvent) => route()(event), observer)
