import { numberIn, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** One priority step is worth so much age, milliseconds. */
const PRIORITY_STEP = 600_000

/** A tenant's requests to one pool at one priority. */
interface Line {
  /** By base: who reserved it, and when. */
  readonly reserved: Map<number, { readonly sequence: number; readonly process: string }>
  readonly used: Set<number>
  /** In the order in which they entered the queue, each with the last place taken until then. */
  readonly entered: { readonly sequence: number; readonly lease: string; readonly greatest: string }[]
}

/** P4: where a tenant's requests stand among each other. */
export const requestOrder: CreateRule = () => {
  const lines = new Map<string, Line>()
  let compared = 0
  const lineOf = (tag: string): Line => {
    const line = lines.get(tag) ?? { reserved: new Map(), used: new Set(), entered: [] }
    lines.set(tag, line)
    return line
  }

  return {
    says: 'P4 requests of one tenant and priority stand in the order in which they came, each at a place of its own',
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'tag')) {
        const [was, base] = [numberIn(before, 'base'), numberIn(after, 'base')]
        if (before && !(base > was)) yield `the last place of ${of.tag} went from ${was} to ${base}`
        lineOf(of.tag).reserved.set(base, { sequence: commit.sequence, process: commit.process })
      }
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        if (before || !after) continue
        for (const [pool, key] of Object.entries(after['waiters'] as Readonly<Record<string, string>>)) {
          const priority = numberIn(after, 'priority')
          const tag = `${textIn(after, 'tenant')} ${pool}#${priority}`
          const line = lineOf(tag)
          const base = Number(key.split('#')[1]) + priority * PRIORITY_STEP
          const reservation = line.reserved.get(base)
          if (reservation?.process !== commit.process) {
            yield `lease ${of.lease} stands at a place of ${tag} that was not reserved for it`
            continue
          }
          if (line.used.has(base)) yield `lease ${of.lease} stands at a place of ${tag} that another one had`
          line.used.add(base)
          const earlier = line.entered.findLast(({ sequence }) => sequence < reservation.sequence)
          if (earlier) compared += 1
          if (earlier && earlier.greatest >= key) {
            yield `lease ${of.lease} stands at ${key}, before ${earlier.greatest}, which came earlier`
          }
          const greatest = line.entered.at(-1)?.greatest ?? ''
          line.entered.push({
            sequence: commit.sequence,
            lease: of.lease,
            greatest: greatest > key ? greatest : key,
          })
        }
      }
    },
    counts: () => ({ 'requests compared with earlier ones': compared }),
  }
}
