import type { Build } from '../../domain/build.ts'
import type { WorkStep } from '../../domain/work.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { moveWork } from './move-work.ts'

/** One transition of a build, with what belongs to it; lost where anybody moved the build since it was read. */
export async function moveBuild(
  ports: Pick<Ports, 'table' | 'chance'>,
  before: Build,
  step: WorkStep<Build>,
  more: readonly Write[] = [],
): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [...moveWork(opId, 'build', before, step), ...more])
}
