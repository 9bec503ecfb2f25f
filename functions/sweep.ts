import { sweep } from '../lib/app/repair/sweep/sweep.ts'
import type { Findings } from '../lib/app/repair/sweep/sweep.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { measure } from '../lib/runtime/measures.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('sweep')))

/** Called every minute: puts right whatever is due. */
export const handler = step(async (): Promise<Findings> => {
  const findings = await sweep(ports())
  measure('sweep', { ...findings })
  return findings
})
