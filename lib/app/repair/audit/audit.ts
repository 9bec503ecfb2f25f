import type { Ports } from '../../ports/ports.ts'
import { createGuard } from '../guard.ts'
import { auditCopies } from './copies.ts'
import { auditLeases } from './leases.ts'
import { auditQueues } from './queues.ts'
import { auditSlots } from './slots.ts'
import { auditTokens } from './tokens.ts'

/** How much was mended, and what could not be; every number is a fault of ours, or somebody's hand in the table. */
export interface AuditFindings {
  /** Held slots whose lease does not hold them. */
  readonly slots: number
  /** Free tokens without their slot, and free slots without their token. */
  readonly tokens: number
  /** Waiters without their pending lease, and pending leases without their waiter. */
  readonly waiters: number
  /** Living leases without their timer, and timers that no lease points to. */
  readonly timers: number
  /** Permits without their living lease, and living leases without their permit. */
  readonly permits: number
  /** Leases whose slot is not theirs. */
  readonly leases: number
  /** Working copies that were recorded where there is no slot, or given up and left. */
  readonly copies: number
  /** What could not be looked at; the next audit tries again. */
  readonly failed: number
}

/** Faults of ours that were put right. */
export const mendedIn = (findings: AuditFindings): number =>
  Object.values(findings).reduce((sum, count) => sum + count, 0) - findings.failed

/**
 * Compares, once an hour, what the table says twice, and mends each disagreement under the condition that it is still
 * there. The sweep looks at what is due; this looks at everything that lives, and never scans.
 */
export async function audit(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
): Promise<AuditFindings> {
  const guard = createGuard(ports)
  const slots = await auditSlots(ports, guard)
  const strayTokens = await auditTokens(ports, guard)
  const strayWaiters = await auditQueues(ports, guard)
  const leases = await auditLeases(ports, guard)
  const copies = await auditCopies(ports, guard)
  const findings = {
    ...leases,
    slots: slots.slots,
    tokens: slots.tokens + strayTokens,
    waiters: leases.waiters + strayWaiters,
    copies,
    failed: guard.failures(),
  }
  ports.journal[mendedIn(findings) + findings.failed > 0 ? 'warn' : 'info']('audited', { ...findings })
  return findings
}
