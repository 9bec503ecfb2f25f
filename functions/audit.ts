import { audit, mendedIn } from '../lib/app/repair/audit/audit.ts'
import type { AuditFindings } from '../lib/app/repair/audit/audit.ts'
import { composeCore } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { measure } from '../lib/runtime/measures.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => composeCore(environment('audit')))

/** Called every hour: puts right what no timer leads to. */
export const handler = step(async (): Promise<AuditFindings> => {
  const findings = await audit(ports())
  measure('audit', { ...findings, mended: mendedIn(findings) })
  return findings
})
