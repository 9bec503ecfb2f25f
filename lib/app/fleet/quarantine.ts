import type { Cause } from '../../domain/step.ts'
import type { Ports } from '../ports/ports.ts'
import { changeHost } from './change-host.ts'

/** An active host gets no new leases until a probe passes, and somebody probes it. Others stay as they are. */
export async function quarantine(
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
  host: string,
  reason: string,
  by: Cause,
): Promise<void> {
  const changed = await changeHost(ports, host, { state: 'quarantined', reason, from: ['active'] }, by)
  if (!changed.ok || changed.value.state !== 'quarantined') return
  await ports.executions.probeHost(host, `c${changed.value.changes}`)
}
