import { decide } from '../lib/app/lifecycle/decide.ts'
import type { DecideInput, Decision } from '../lib/contract/machines.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('decide')))

/** Reads a lease, repairs what is due and says where its execution goes next. */
export const handler = step(({ leaseId, visits }: DecideInput): Promise<Decision> =>
  decide(ports(), leaseId, visits),
)
