import { numberIn, statusOf, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'
import { TYPES } from './timelines.ts'

export const leasesFollowTheirStates: CreateRule = () => {
  const seen: Record<string, number> = {}
  return {
    says: 'a lease goes from state to state as the design draws it, one version at a time',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        const [was, is] = [statusOf(before), statusOf(after)]
        const moved = !before || numberIn(before, 'ver') !== numberIn(after, 'ver')
        if (!moved && was === is) continue
        const transition = `${was} ${is}`
        if (!moved) yield `lease ${of.lease} went from ${was} to ${is} without a new version`
        else if (!(transition in TYPES)) yield `lease ${of.lease} went from ${was || 'nothing'} to ${is}`
        const counted = `${was || 'nothing'} -> ${is}`
        seen[counted] = (seen[counted] ?? 0) + 1
      }
    },
    counts: () => seen,
  }
}

export const marksAreUnique: CreateRule = () => {
  const marks = new Set<string>()
  return {
    says: 'every transition leaves a mark of its own, so that a lost answer is told from a lost race',
    *committed(commit) {
      const fresh = new Set<string>()
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        if (before && numberIn(before, 'ver') === numberIn(after, 'ver')) continue
        const mark = textIn(after, 'opId')
        if (mark === '' || marks.has(mark))
          yield `lease ${of.lease} has the mark of an earlier transition, or none`
        fresh.add(mark)
      }
      for (const mark of fresh) marks.add(mark)
    },
  }
}
