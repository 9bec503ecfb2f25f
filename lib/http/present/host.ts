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
    ...given({ lease: slot.state === 'held' ? slot.lease : undefined, tainted: slot.tainted }),
  })),
  ...given({
    reason: host.reason,
    changed: host.changed && presentChange(host.changed),
    suspicionsInARow: host.suspicionsInARow,
    isolation: host.isolation,
    lastSeenAt: host.lastSeenAt === undefined ? undefined : iso(host.lastSeenAt),
    probe: presentProbe(host),
  }),
})

function presentProbe({ probedAt, probe }: StoredHost) {
  if (probedAt === undefined || !probe) return undefined
  const { git, diskFreeBytes, diskTotalBytes, clockSkew, trouble } = probe
  return {
    at: iso(probedAt),
    passed: trouble === undefined,
    ...given({
      git,
      diskFreeBytes,
      diskTotalBytes,
      clockSkewSeconds: clockSkew === undefined ? undefined : clockSkew / 1_000,
      trouble,
    }),
  }
}

const presentChange = ({ by, at, until }: NonNullable<StoredHost['changed']>) => ({
  by,
  at: iso(at),
  ...given({ untilAt: until === undefined ? undefined : iso(until) }),
})
