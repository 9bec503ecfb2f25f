import type { EndedLanding, EndingLanding, QueuedLanding } from '../../domain/landing/landing.ts'
import { end, leaveQueue, takeTurn } from '../../domain/landing/steps.ts'
import type { Outcome as Came } from '../../domain/landing/landing.ts'
import type { Cause } from '../../domain/step.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Write } from '../ports/table.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { turnFree, turnHeldBy } from '../store/conditions/landing.ts'
import { landingPlaceKey, turnKey } from '../store/keys.ts'
import { moveWork } from './move-work.ts'

type Needs = Pick<Ports, 'table' | 'chance'>

/** The turn is free, and goes to the landing at the head of the queue. */
export async function giveTurn(ports: Needs, head: QueuedLanding, by: Cause): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    {
      kind: 'update',
      key: turnKey(head.repository, head.branch),
      set: { holder: head.id, opId },
      when: turnFree,
    },
    ...takes(ports, opId, head, by),
  ])
}

/** A landing is over: its turn goes to the next in the same transaction, or is free. */
export async function endTurn(
  ports: Needs,
  landing: EndingLanding,
  next: QueuedLanding | undefined,
  by: Cause,
): Promise<{ readonly outcome: Outcome; readonly ended: EndedLanding }> {
  const opId = ports.chance.opaque()
  const step = end(landing, by)
  const key = turnKey(landing.repository, landing.branch)
  const when = turnHeldBy(landing.id)
  const outcome = await ports.table.transact(opId, [
    next
      ? { kind: 'update', key, set: { holder: next.id, opId }, when }
      : { kind: 'update', key, set: { opId }, remove: ['holder'], when },
    ...moveWork(opId, 'landing', landing, step),
    ...(next ? takes(ports, opId, next, by) : []),
  ])
  return { outcome, ended: step.work }
}

/** A landing gives up its place. */
export async function leave(ports: Needs, landing: QueuedLanding, came: Came, by: Cause): Promise<Outcome> {
  const opId = ports.chance.opaque()
  return ports.table.transact(opId, [
    dropPlace(landing),
    ...moveWork(opId, 'landing', landing, leaveQueue(landing, came, by)),
  ])
}

const takes = ({ chance }: Needs, opId: string, head: QueuedLanding, by: Cause): readonly Write[] => [
  dropPlace(head),
  ...moveWork(opId, 'landing', head, takeTurn(head, chance.ulid(), by)),
]

const dropPlace = ({ repository, branch, place, id }: QueuedLanding): Write => ({
  kind: 'delete',
  key: landingPlaceKey(repository, branch, place, id),
  when: stillThere,
})
