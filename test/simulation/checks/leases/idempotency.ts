import { isLiving, numberIn, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

export const oneLeasePerKey: CreateRule = ({ conditions }) => ({
  says: 'an Idempotency-Key makes one lease for as long as it is kept, and each lease is made under one',
  *committed(commit) {
    const records = changesOf(commit, 'idempotency')
    for (const { of, before, after } of records) {
      if (!before || !after || textIn(before, 'lease') === textIn(after, 'lease')) continue
      if (numberIn(before, 'expires') > commit.at + conditions.skew) {
        yield `key ${of.key} made lease ${textIn(before, 'lease')} and then ${textIn(after, 'lease')}`
      }
    }
    for (const { of, before, after } of changesOf(commit, 'lease')) {
      if (before || !isLiving(after)) continue
      if (!records.some((record) => textIn(record.after, 'lease') === of.lease)) {
        yield `lease ${of.lease} was made and no key remembers it`
      }
    }
  },
})
