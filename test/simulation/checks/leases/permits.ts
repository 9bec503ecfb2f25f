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

/** Who has read a quota may act on it for so long, milliseconds: a request, and what it sent that came late. */
const STALE = 120_000

export const quotasHold: CreateRule = ({ shadow }) => {
  const taken = new Map<string, number>()
  const quotas = new Map<string, Quotas>()
  const quotasOf = (tenant: string): Quotas => {
    const known = quotas.get(tenant) ?? [{ leases: DEFAULT_QUOTA, until: Infinity }]
    quotas.set(tenant, known)
    return known
  }
  const counted = { 'quotas reached': 0, 'leases made below a quota that was lowered': 0 }
  return {
    says: 'a tenant gets no lease beyond its quota, also after it was lowered below what lives',
    *committed(commit) {
      for (const { of, after } of changesOf(commit, 'tenant')) {
        const leases = after ? numberIn(after, 'leases') : DEFAULT_QUOTA
        quotas.set(of.tenant, [
          ...quotasOf(of.tenant).map((quota) => ({ ...quota, until: Math.min(quota.until, commit.at) })),
          { leases, until: Infinity },
        ])
      }
      for (const { of, before, after } of changesOf(commit, 'permit')) {
        const count = (taken.get(of.tenant) ?? 0) + (after ? 1 : 0) - (before ? 1 : 0)
        taken.set(of.tenant, count)
        if (before && after) yield `permit ${of.number} of tenant ${of.tenant} was taken from its lease`
        if (!after) continue
        const known = quotasOf(of.tenant)
        const quota = Math.max(
          ...known.filter(({ until }) => until > commit.at - STALE).map(({ leases }) => leases),
        )
        if (count === quota) counted['quotas reached'] += 1
        if (known.some(({ leases }) => leases > quota))
          counted['leases made below a quota that was lowered'] += 1
        if (count > quota) yield `tenant ${of.tenant} has ${count} living leases of ${quota}`
        if (of.number < 0 || of.number >= quota) {
          yield `lease ${textIn(after, 'lease')} has permit ${of.number} of ${quota}`
        }
      }
    },
    counts: () => ({ ...counted, 'living leases at the end': livingIn(shadow.leases.values()) }),
  }
}

/** What a tenant might have, each until when; the last one is the one that is true. */
type Quotas = readonly { readonly leases: number; readonly until: number }[]

const livingIn = (leases: Iterable<Parameters<typeof isLiving>[0]>): number =>
  [...leases].filter((lease) => isLiving(lease)).length
