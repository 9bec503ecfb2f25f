import type { Message, Plan } from './messages.ts'
import { messagesOf, placesOf } from './messages.ts'
import type { Mutant } from './variants.ts'
import type { State } from './state.ts'
import { oneLess, waitingAt } from './state.ts'
import type { Outcome } from './steps.ts'
import { arrive, endKill, finish } from './steps.ts'
import { admitted, lookAgain } from './successors.ts'

/**
 * Whether the slot can be closed and emptied from here without another accident: everything under way ends by itself,
 * and then one close is enough, or one init that names what is there.
 */
export function createWayBack(plan: Plan, mutant?: Mutant): (state: State) => boolean {
  const places = placesOf(messagesOf(plan))
  const quiet = (from: State): State | undefined => {
    let state = from
    for (let steps = 0; steps < 100; steps += 1) {
      const step = nextStep(state, places, mutant)
      if (!step) return state
      state = step.state
    }
    return undefined
  }
  return (from) => {
    const state = quiet(from)
    if (!state) return false
    const remedy = remedyFor(state, plan)
    const [accepted] = arrive(state, remedy, mutant)
    const end = accepted && quiet(admitted(accepted, remedy).state)
    return end?.status === 'closed' && end.emptied === end.epoch && end.living === 0 && end.booted
  }
}

function nextStep(state: State, places: readonly Message[], mutant?: Mutant): Outcome | undefined {
  const holder = places.find(({ place }) => place === state.holder)
  if (holder) {
    return state.killing ? endKill({ ...state, living: 0 }, holder, mutant) : finish(state, holder, mutant)
  }
  const waiting = places.find(({ place }) => waitingAt(state, place) > 0)
  return waiting && lookAgain({ ...state, waiting: oneLess(state, waiting.place) }, waiting, mutant)[0]
}

/** What the cleaning of a slot sends: close where the slot is known, init where it is not or was left half done. */
function remedyFor(state: State, plan: Plan): Message {
  const known = state.booted && (state.nonce === 'first' || state.nonce === 'second')
  const name = 'the remedy'
  if (known && state.status !== 'starting') {
    const epoch = state.nonce === 'first' ? plan.renamed : plan.last
    return { name, verb: 'close', epoch, nonce: state.nonce, seen: 'none', place: 4 + epoch }
  }
  return { name, verb: 'init', epoch: plan.renamed, nonce: 'second', seen: state.nonce, place: 9 }
}
