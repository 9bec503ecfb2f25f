import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { createAuthorizer } from '../lib/http/authorizer/authorize.ts'
import type { Verdict } from '../lib/http/authorizer/authorize.ts'
import { systemClock } from '../lib/runtime/clock.ts'
import { composeTable } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { logJournal } from '../lib/runtime/journal.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { composeParameters } from '../lib/runtime/parameters.ts'
import { keyless } from '../lib/runtime/secrets.ts'
import { step } from '../lib/runtime/step.ts'

const authorize = lazy(() => {
  const { TABLE_NAME, ISSUERS_PARAMETER } = environment('authorize')
  const parameters = composeParameters()
  return createAuthorizer(
    { table: composeTable(TABLE_NAME), clock: systemClock, secrets: keyless, journal: logJournal },
    () => parameters.find(ISSUERS_PARAMETER),
  )
})

/** Stands in front of every route and says who calls. */
export const handler = step((event: APIGatewayRequestAuthorizerEventV2): Promise<Verdict> =>
  authorize()(event),
)
