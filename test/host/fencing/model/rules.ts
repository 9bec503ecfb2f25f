import type { Message } from './messages.ts'
import type { State } from './state.ts'
import type { Outcome } from './steps.ts'

/** What the host promises. Each is checked in every state, or at every step. */
export type Rule =
  | 'where a lease is open nothing of another one lives'
  | 'nothing lives that was answered to be gone'
  | 'what was answered to be closed neither opens nor starts anything'
  | 'only the current epoch starts, while it is open'
  | 'open is answered with done only by the current, open epoch'
  | 'epochs never fall'
  | 'only init changes a slot that is not known'
  | 'no kill is under way where a lease is open'
  | 'nothing lives in a slot that is noted to be empty'
  | 'every slot can be closed and emptied'

const upTo = (epoch: number): number => (1 << (epoch + 1)) - 1

/** The first rule that a step breaks. An answer counts as given, whether or not it arrives. */
export function brokenByStep(
  before: State,
  { state, answer, started }: Outcome,
  message: Message | undefined,
): Rule | undefined {
  if (started !== undefined) {
    if (before.status !== 'open' || before.epoch !== started)
      return 'only the current epoch starts, while it is open'
    if (started <= before.closedTold)
      return 'what was answered to be closed neither opens nor starts anything'
  }
  if (!message) return undefined
  const changed = started !== undefined || isStored(before, state)
  if (changed && message.verb !== 'init' && !isKnown(before, message))
    return 'only init changes a slot that is not known'
  if (isStored(before, state) && state.epoch < before.highest) return 'epochs never fall'
  if (message.verb === 'open' && answer === 'done') {
    if (state.status !== 'open' || state.epoch !== message.epoch)
      return 'open is answered with done only by the current, open epoch'
    if (message.epoch <= before.closedTold)
      return 'what was answered to be closed neither opens nor starts anything'
  }
  return undefined
}

/**
 * The first rule that a state breaks. `lateIsProof`: also a close that finds a later epoch there, and answers without
 * having looked, is held to its answer.
 */
export function brokenByState(state: State, lateIsProof: boolean): Rule | undefined {
  const others = state.status === 'open' ? ~(1 << state.epoch) : state.told ? upTo(state.epoch - 1) : 0
  if (state.booted && isOurs(state) && (state.living & others) !== 0)
    return 'where a lease is open nothing of another one lives'
  if ((state.living & upTo(lateIsProof ? state.closedTold : state.emptyTold)) !== 0)
    return 'nothing lives that was answered to be gone'
  if (state.killing && state.status === 'open' && state.booted && isOurs(state))
    return 'no kill is under way where a lease is open'
  if (state.status === 'closed' && state.emptied === state.epoch && state.living !== 0)
    return 'nothing lives in a slot that is noted to be empty'
  return undefined
}

const isOurs = ({ nonce }: State): boolean => nonce === 'first' || nonce === 'second'

const isKnown = (state: State, message: Message): boolean => state.nonce === message.nonce && state.booted

const isStored = (before: State, after: State): boolean =>
  before.epoch !== after.epoch || before.status !== after.status || before.nonce !== after.nonce
