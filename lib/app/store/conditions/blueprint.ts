import type { Condition } from '../../ports/table.ts'
import { equal, exists } from './clauses.ts'

/** Places are set aside only while the blueprint gives no leases: enabled or made again, it finds them all. */
export const givesNoLeases: Condition = {
  name: 'gives_no_leases',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, { is: 'present', attribute: 'disabled' }] }],
}

/** Places come back only while the blueprint gives leases. */
export const givesLeasesAgain: Condition = {
  name: 'gives_leases_again',
  all: [exists, { is: 'missing', attribute: 'disabled' }],
}

/** The mark of a blueprint that was switched goes when its places were settled after that very switch. */
export const settlingAsRead = (settling: string): Condition => ({
  name: 'settling_as_read',
  all: [equal('settling', settling)],
})

/** A pool leaves the registry only without its blueprint, which comes and goes in a transaction of its own. */
export const noPool: Condition = {
  name: 'no_pool',
  all: [{ is: 'any', of: [{ is: 'item-absent' }, equal('type', 'working-copy')] }],
}
