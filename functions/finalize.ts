import { finalizeLease } from '../lib/app/lifecycle/finalize.ts'
import type { FinalizeInput, Route } from '../lib/contract/machines.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('finalize')))

/** Hands an ended lease's slot to the next waiter, frees it or sets it aside. */
export const handler = step(({ leaseId, confirmed }: FinalizeInput): Promise<Route> =>
  finalizeLease(ports(), leaseId, confirmed),
)
