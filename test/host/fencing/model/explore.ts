import type { Rule } from './rules.ts'
import { brokenByState, brokenByStep } from './rules.ts'
import type { State } from './state.ts'
import { FRESH, highOf, lowOf, stateOf } from './state.ts'
import type { Happening, Setting, Successors } from './successors.ts'
import { createSuccessors } from './successors.ts'
import { createVisited, type Visited } from './visited.ts'
import { createWayBack } from './way-back.ts'

const WAY_BACK: Rule = 'every slot can be closed and emptied'

export interface Exploration {
  readonly states: number
  readonly transitions: number
  /** The first rule that was found broken, and how it came to that, shortest way first. */
  readonly broken?: { readonly rule: Rule; readonly story: readonly string[] }
}

/**
 * Every state that a slot can reach, breadth first, with every rule checked in each. Ends at the first broken rule, or
 * at the first break of `only` that one.
 */
export function explore(setting: Setting, only?: Rule): Exploration {
  const successors = createSuccessors(setting)
  const hasWayBack = createWayBack(setting.plan, setting.mutant)
  const lateIsProof = setting.ordered || setting.gap === 'a late close is taken for a proof'
  const visited = createVisited()
  visited.add(lowOf(FRESH), highOf(FRESH), -1)
  const isWanted = (rule: Rule): boolean => only === undefined || only === rule
  let transitions = 0
  let broken: { rule: Rule; at: number; last: string } | undefined

  for (let at = 0; at < visited.size && !broken; at += 1) {
    const before = stateOf(visited.low(at), visited.high(at))
    if (isWanted(WAY_BACK) && !hasWayBack(before)) broken = { rule: WAY_BACK, at, last: 'no way back' }
    successors(before, (outcome, what, message) => {
      transitions += 1
      const isNew = visited.add(lowOf(outcome.state), highOf(outcome.state), at)
      const rule =
        brokenByStep(before, outcome, message) ??
        (isNew ? brokenByState(outcome.state, lateIsProof) : undefined)
      if (rule && isWanted(rule))
        broken ??= { rule, at, last: tell(what, message?.name, outcome.answer, outcome.state) }
    })
  }
  if (!broken) return { states: visited.size, transitions }
  const story = [...storyOf(successors, visited, broken.at), broken.last]
  return { states: visited.size, transitions, broken: { rule: broken.rule, story } }
}

function storyOf(successors: Successors, visited: Visited, last: number): string[] {
  const story: string[] = []
  for (let at = last; visited.parent(at) >= 0; at = visited.parent(at)) {
    const from = visited.parent(at)
    let line = ''
    successors(stateOf(visited.low(from), visited.high(from)), ({ state, answer }, what, message) => {
      if (lowOf(state) === visited.low(at) && highOf(state) === visited.high(at))
        line ||= tell(what, message?.name, answer, state)
    })
    story.unshift(line)
  }
  return story
}

function tell(
  what: Happening | 'no way back',
  name: string | undefined,
  answer: string | undefined,
  to: State,
): string {
  const living = [0, 1, 2, 3].filter((epoch) => to.living & (1 << epoch))
  const host = `${to.nonce} ${to.epoch} ${to.status}, living ${living.join(' ') || '-'}`
  return `${name ? `${name} ` : ''}${what}${answer ? `: ${answer}` : ''} -> ${host}`
}
