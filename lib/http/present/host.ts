import type { Host } from '../../contract/host.ts'
import type { Host as StoredHost, Slot } from '../../domain/slot.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

/** A host as operators see it, with its slots. */
export const presentHost = (host: StoredHost, slots: readonly Slot[]): Host => ({
  name: host.name,
  state: host.state,
  failuresInARow: host.failuresInARow,
  slots: slots.map((slot) => ({
    number: slot.number,
    state: slot.state,
    epoch: slot.epoch,
    warm: [...slot.warm],
    ...given({ lease: slot.state === 'held' ? slot.lease : undefined }),
  })),
  ...given({
    reason: host.reason,
    changed: host.changed && presentChange(host.changed),
    isolation: host.isolation,
    lastSeenAt: host.lastSeenAt === undefined ? undefined : iso(host.lastSeenAt),
  }),
})

const presentChange = ({ by, at, until }: NonNullable<StoredHost['changed']>) => ({
  by,
  at: iso(at),
  ...given({ untilAt: until === undefined ? undefined : iso(until) }),
})
