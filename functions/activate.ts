import { activateLease } from '../lib/app/lifecycle/activate.ts'
import type { LeaseInput, Route } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeWithHosts } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeWithHosts(environment('activate')))

/** Opens the lease's slot and checks out its working copy, as far as one short call gets. */
export const handler = step(({ leaseId }: LeaseInput): Promise<Route> => activateLease(ports(), leaseId))
