import type { Caller } from '../../domain/access.ts'
import { isHolder, mayRead } from '../../domain/access.ts'
import type { Lease } from '../../domain/lease.ts'
import type { Refusal, Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import { readLease } from '../store/read.ts'

/** The same words whether there is none or it is somebody else's. */
export const noSuchLease = (id: string): { readonly ok: false; readonly refusal: Refusal } =>
  refuse('not_found', `There is no lease ${id}, or it is not yours.`)

export async function readableLease(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<Lease>> {
  const lease = await readLease(ports, id)
  return lease && mayRead(caller, lease) ? ok(lease) : noSuchLease(id)
}

/** Only the lease's own token uses it; its owner and operators may look. */
export async function heldLease(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<Lease>> {
  const found = await readableLease(ports, caller, id)
  if (!found.ok || isHolder(caller, found.value)) return found
  return refuse('not_authorized', 'This takes the lease token.', { leaseId: id })
}

export const lost = (lease: Lease): { readonly ok: false; readonly refusal: Refusal } =>
  refuse(
    'lease_lost',
    'reason' in lease ? `The lease has ended: ${lease.reason}.` : 'The lease has expired.',
    {
      leaseId: lease.id,
    },
  )

export const notActive = (lease: Lease): { readonly ok: false; readonly refusal: Refusal } =>
  refuse('not_active', `The lease is ${lease.status}, not active yet.`, {
    leaseId: lease.id,
    retryAfterSeconds: 1,
  })
