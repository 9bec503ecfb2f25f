import { destroyLease } from '../lib/app/lifecycle/destroy.ts'
import type { DestroyAnswer, LeaseInput } from '../lib/contract/machines.ts'
import { environment } from '../lib/runtime/environment.ts'
import { composeWithHosts } from '../lib/runtime/hosts.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeWithHosts(environment('destroy')))

/** Has the host kill and tidy what an ended lease left on its slot. */
export const handler = step(({ leaseId }: LeaseInput): Promise<DestroyAnswer> =>
  destroyLease(ports(), leaseId),
)
