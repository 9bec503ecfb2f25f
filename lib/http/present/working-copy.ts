import type { WorkingCopy } from '../../contract/working-copy.ts'
import type { DestroyedCopy, WorkingCopy as StoredCopy } from '../../domain/working-copy.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'
import { presentEvents } from './lease.ts'

export const presentCopy = (copy: StoredCopy | DestroyedCopy): WorkingCopy => ({
  id: copy.id,
  state: copy.state,
  host: copy.host,
  slot: copy.number,
  pool: copy.pool,
  blueprint: copy.blueprint,
  repositories: copy.repositories.map(({ repository, directory, commit }) => ({
    repository,
    ...given({ directory, commit }),
  })),
  createdAt: iso(copy.createdAt),
  ...given({
    lease: copy.lease,
    bytes: 'bytes' in copy ? copy.bytes : undefined,
    usedAt: 'usedAt' in copy && copy.usedAt !== undefined ? iso(copy.usedAt) : undefined,
    expiresAt: copy.state === 'active' ? iso(copy.usedAt + copy.keep.idle) : undefined,
    reason: 'reason' in copy ? copy.reason : undefined,
    destroyedAt: copy.state === 'destroyed' ? iso(copy.destroyedAt) : undefined,
  }),
  events: presentEvents(copy.events).events,
})
