import type { Host } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { hostUnchanged, stillRegistered, troubleOf } from './conditions/fleet.ts'
import { hostKey, registryKey } from './keys.ts'

/**
 * Why a host cannot be used now, where operators and waiting leases see it: on the host, and on its pool. Why it is
 * drained or quarantined is not written over.
 */
export async function noteTrouble(
  ports: Pick<Ports, 'table'>,
  host: Host,
  trouble: { readonly code: string; readonly detail: string },
): Promise<void> {
  const reason = `${trouble.code}: ${trouble.detail}`
  if (host.state === 'active') {
    await ports.table.write({
      kind: 'update',
      key: hostKey(host.name),
      set: { reason },
      when: hostUnchanged(host.changes),
    })
  }
  const set = { trouble: `host ${host.name}: ${trouble.code}`, troubled: host.name }
  await ports.table.write({ kind: 'update', key: registryKey('pool', host.pool), set, when: stillRegistered })
}

/** The host answered: what was said of it is over, but not its failed activations: an empty slot is easily cleaned. */
export async function noteSeen(ports: Pick<Ports, 'table'>, host: Host, now: number): Promise<void> {
  const set = { lastSeenAt: now }
  // Why it is drained or quarantined is not over with one answer.
  const remove = host.state === 'active' ? ['reason'] : []
  const when = hostUnchanged(host.changes)
  await ports.table.write({ kind: 'update', key: hostKey(host.name), set, remove, when })
  if (host.reason !== undefined) await forgetTrouble(ports, host)
}

/** What waiting leases are told of this host is over. */
export async function forgetTrouble(ports: Pick<Ports, 'table'>, host: Host): Promise<void> {
  await ports.table.write({
    kind: 'update',
    key: registryKey('pool', host.pool),
    set: {},
    remove: ['trouble', 'troubled'],
    when: troubleOf(host.name),
  })
}
