import { isLiving, numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Living leases of a tenant for whom no operator said anything else. */
const DEFAULT_QUOTA = 1_000

export const onePermit: CreateRule = ({ shadow }) => ({
  says: 'a living lease has exactly one permit, the one that it names, and an ended one has none',
  *committed({ leases }) {
    for (const id of leases) {
      const lease = shadow.leases.get(id)
      const permits = shadow.permits(id).map(({ PK, SK }) => `${PK} ${Number(SK)}`)
      const wanted = isLiving(lease) ? [`P#${textIn(lease, 'tenant')} ${numberIn(lease, 'permit')}`] : []
      if (permits.join() !== wanted.join()) {
        yield `lease ${id} is ${statusOf(lease) || 'not there'} and has permits [${permits.join(', ')}], not [${wanted.join(', ')}]`
      }
    }
  },
})

export const quotasHold: CreateRule = ({ shadow }) => {
  const taken = new Map<string, number>()
  /** A quota that was lowered lets the leases that are there live on. */
  const most = new Map<string, number>()
  let full = 0
  return {
    says: 'a tenant never has more living leases than its quota',
    *committed(commit) {
      for (const { of, after } of changesOf(commit, 'tenant')) {
        const quota = numberIn(after, 'leases')
        if (quota > 0) most.set(of.tenant, Math.max(quota, most.get(of.tenant) ?? 0))
      }
      for (const { of, before, after } of changesOf(commit, 'permit')) {
        const quota = most.get(of.tenant) ?? DEFAULT_QUOTA
        const count = (taken.get(of.tenant) ?? 0) + (after ? 1 : 0) - (before ? 1 : 0)
        taken.set(of.tenant, count)
        if (count === quota && after) full += 1
        if (after && count > quota) yield `tenant ${of.tenant} has ${count} living leases of ${quota}`
        if (after && (of.number < 0 || of.number >= quota)) {
          yield `lease ${textIn(after, 'lease')} has permit ${of.number} of ${quota}`
        }
        if (before && after) yield `permit ${of.number} of tenant ${of.tenant} was taken from its lease`
      }
    },
    counts: () => ({ 'quotas reached': full, 'living leases at the end': livingIn(shadow.leases.values()) }),
  }
}

const livingIn = (leases: Iterable<Parameters<typeof isLiving>[0]>): number =>
  [...leases].filter((lease) => isLiving(lease)).length
