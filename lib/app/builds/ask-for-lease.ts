import type { WaitingBuild } from '../../domain/build.ts'
import type { Result } from '../../domain/refusals.ts'
import { createLease } from '../leases/create-lease.ts'
import type { CreatedLease } from '../leases/create-lease.ts'
import type { Ports } from '../ports/ports.ts'
import { workUnchanged } from '../store/conditions/work.ts'
import { workKey } from '../store/keys.ts'
import { callerOf } from './build.ts'
import { demandOf } from './judge-build.ts'

/**
 * The lease of a build that waits. Its id is the one that the build has recorded, and it comes to be only while the
 * build waits for it: whoever gives the build up knows what to give back, and nothing comes after that.
 */
export const askForLease = async (
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>,
  build: WaitingBuild,
): Promise<Result<CreatedLease>> =>
  createLease(
    ports,
    callerOf(build),
    { ...demandOf(build.lease), note: `build ${build.id}` },
    { hash: `lease-${build.generation}`, requestHash: build.leaseId },
    {
      id: build.leaseId,
      while: {
        kind: 'check',
        key: workKey('build', build.id),
        when: workUnchanged(build.version, 'waiting'),
      },
    },
  )
