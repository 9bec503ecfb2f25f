import { isLiving, numberIn, statusOf } from '../entity.ts'
import type { CreateRule } from '../rule.ts'

export const oneTimer: CreateRule = ({ shadow }) => ({
  says: 'a living lease has exactly one timer and points to it, an ended one has none',
  *committed({ leases }) {
    for (const id of leases) {
      const lease = shadow.leases.get(id)
      const timers = shadow.timers(id).map(({ SK }) => Number(SK.slice(0, SK.indexOf('#'))))
      const wanted = isLiving(lease) ? [numberIn(lease, 'timer')] : []
      if (timers.join() !== wanted.join()) {
        yield `lease ${id} is ${statusOf(lease) || 'not there'}, has timers [${timers.join(', ')}] and points to [${wanted.join(', ')}]`
      }
    }
  },
})
