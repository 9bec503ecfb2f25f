import { landAtHost } from '../lib/app/landings/land-at-host.ts'
import type { LandingAtHost, LandingInput } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeWithHosts } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeWithHosts(environment('land-at-host')))

/** Has a host make the commit of a landing, or push it. */
export const handler = step(({ landingId }: LandingInput): Promise<LandingAtHost> =>
  landAtHost(ports(), landingId),
)
