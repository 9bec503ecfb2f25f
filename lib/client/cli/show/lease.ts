import type { CreatedLease, Lease, LeaseEvents, LeasePage } from '../../../contract/lease.ts'
import { fields, table } from './plain.ts'

export function describeLease(lease: Lease | CreatedLease): string {
  return fields({
    lease: lease.id,
    token: 'token' in lease ? lease.token : undefined,
    status: lease.reason === undefined ? lease.status : `${lease.status} (${lease.reason})`,
    detail: lease.detail,
    blueprint: lease.blueprint,
    repository: lease.repository,
    commit: lease.receipt?.commit ?? lease.commit,
    waiting:
      lease.waiting && `number ${lease.waiting.position} in ${lease.waiting.pool}: ${lease.waiting.because}`,
    slot: lease.slot && slotOf(lease.slot),
    directory: lease.receipt?.path,
    isolation: lease.isolation,
    trust: lease.trust === 'untrusted' ? lease.trust : undefined,
    tree: lease.receipt?.tree,
    owner: `${lease.owner} (${lease.tenant})`,
    note: lease.note,
    created: lease.createdAt,
    active: lease.activatedAt,
    expires: lease.expiresAt,
    ended: lease.endedAt,
    destroyed: lease.destroyedAt,
    failures: lease.failures.length === 0 ? undefined : lease.failures.map(failure).join('; '),
    execution: lease.execution.link ?? lease.execution.arn,
  })
}

export function listLeases({ leases }: LeasePage): string {
  return table(
    ['LEASE', 'STATUS', 'BLUEPRINT', 'REPOSITORY', 'SLOT', 'OWNER', 'CREATED'],
    leases.map((lease) => [
      lease.id,
      lease.reason === undefined ? lease.status : `${lease.status} (${lease.reason})`,
      lease.blueprint,
      lease.repository,
      lease.slot && slotOf(lease.slot),
      lease.owner,
      lease.createdAt,
    ]),
  )
}

export function describeEvents({ events }: LeaseEvents): string {
  return table(
    ['VERSION', 'AT', 'EVENT', 'ACTOR', 'CAUSE', 'DETAIL'],
    events.map((event) => [
      event.version,
      event.at,
      event.type,
      event.actor,
      event.cause,
      event.detail &&
        Object.entries(event.detail)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
    ]),
  )
}

const slotOf = (slot: { readonly host: string; readonly number: number }) => `${slot.host}/${slot.number}`

const failure = (given: Lease['failures'][number]) => `${given.host}: ${given.code}: ${given.detail}`
