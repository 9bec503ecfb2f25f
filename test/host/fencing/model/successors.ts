import type { Message, Plan } from './messages.ts'
import { messagesOf, placesOf } from './messages.ts'
import type { State } from './state.ts'
import { oneLess, oneMore, waitingAt } from './state.ts'
import type { Outcome } from './steps.ts'
import { arrive, endKill, finish, release, sawNothing, start } from './steps.ts'
import type { Gap, Mutant } from './variants.ts'

export interface Setting {
  readonly plan: Plan
  /** How many copies of one message may be under way at a time. */
  readonly copies: 1 | 2
  /** Whether a lease's messages are sent only once the lease before is known to be closed, as the control plane does. */
  readonly ordered: boolean
  readonly mutant?: Mutant
  readonly gap?: Gap
}

export type Happening =
  | 'arrives'
  | 'looks again'
  | 'has killed everything'
  | 'stores'
  | 'fails or is interrupted'
  | 'starts what it has checked'
  | 'looks itself'
  | 'is killed before its process can be found'
  | 'processes end'
  | 'reboot'
  | 'the state is lost'
  | 'the state is swapped'

export type Emit = (outcome: Outcome, what: Happening, message: Message | undefined) => void
export type Successors = (state: State, emit: Emit) => void

/** Everything that can happen next in a state: one step of one message, or one accident. */
export function createSuccessors({ plan, copies, ordered, mutant, gap }: Setting): Successors {
  const messages = messagesOf(plan)
  const places = placesOf(messages)
  const underWay = (state: State, place: number): number =>
    waitingAt(state, place) + Number(state.holder === place)

  return (state, emit) => {
    for (const message of messages) {
      if (!canArrive(state, message, ordered, gap)) continue
      if (message.place >= 0 && underWay(state, message.place) >= copies) continue
      for (const outcome of arrive(state, message, mutant))
        emit(admitted(outcome, message), 'arrives', message)
      leaveUnfound(state, message, emit)
    }
    for (const message of places) {
      if (waitingAt(state, message.place) === 0) continue
      const gone = { ...state, waiting: oneLess(state, message.place) }
      if (canArrive(state, message, ordered, gap))
        for (const outcome of lookAgain(gone, message, mutant)) emit(outcome, 'looks again', message)
      emit({ state: gone }, 'fails or is interrupted', message)
    }
    const holder = places.find(({ place }) => place === state.holder)
    if (holder) {
      emit({ state: release(state) }, 'fails or is interrupted', holder)
      if (!state.killing) emit(finish(state, holder, mutant), 'stores', holder)
      else if (sawNothing(state, holder, mutant))
        emit(endKill(state, holder, mutant), 'has killed everything', holder)
    }
    accidents(state, emit, mutant)
  }
}

/** One message kills at a time, and the others wait. */
export function admitted(outcome: Outcome, { place }: Message): Outcome {
  const { state } = outcome
  if (!outcome.wants) return outcome
  return {
    state:
      state.holder === -1
        ? { ...state, holder: place, killing: true }
        : { ...state, waiting: oneMore(state, place) },
  }
}

/** A message that waited takes its first step again; it may do so at any time. */
export function lookAgain(state: State, message: Message, mutant?: Mutant): readonly Outcome[] {
  const blind = mutant === 'who has waited does not look again' && state.holder === -1
  const outcomes = blind ? [{ state, wants: true } as const] : arrive(state, message, mutant)
  return outcomes.map((outcome) => admitted(outcome, message))
}

/**
 * An init is not sent into a slot whose file was lost after that very init had made it: the control plane gives each
 * init a new nonce. That one could be late by a whole life of the slot is a gap of the protocol; see the decision.
 */
function canArrive(state: State, message: Message, ordered: boolean, gap?: Gap): boolean {
  if (message.verb === 'init')
    return (state.lost & bitOf(message.nonce)) === 0 || gap === 'an init comes late by a whole life'
  return !ordered || state.closedTold >= message.epoch - 1
}

/**
 * Forked, and neither noted nor marked yet: no kill sees it, and it goes on by itself. Once it can be found, it looks at
 * the state before it starts anything; a close that is stored before that look is one step with it, a close that is stored
 * after it finds it.
 */
function leaveUnfound(state: State, message: Message, emit: Emit): void {
  if (message.verb !== 'run') return
  const [accepted] = arrive(state, message)
  if (accepted?.started === undefined) return
  const checked = state.checked | (1 << message.epoch)
  emit({ state: { ...state, checked } }, 'is killed before its process can be found', message)
}

const bitOf = (nonce: State['nonce']): number => (nonce === 'first' ? 1 : nonce === 'second' ? 2 : 0)
/** What is older than the life that was lost is over with it. */
const livesUpTo = (nonce: State['nonce']): number => (nonce === 'second' ? 3 : bitOf(nonce))

const LOOKLESS: readonly (Mutant | undefined)[] = [
  'run does not check under the lock',
  'a supervisor does not look itself',
]

function goOn(state: State, epoch: number, emit: Emit, mutant?: Mutant): void {
  if (LOOKLESS.includes(mutant)) return emit(start(state, epoch), 'starts what it has checked', undefined)
  const isItsOwn = state.status === 'open' && state.epoch === epoch && state.booted
  const ended = { state: { ...state, checked: state.checked & ~(1 << epoch) } }
  emit(isItsOwn ? start(state, epoch) : ended, 'looks itself', undefined)
}

function accidents(state: State, emit: Emit, mutant?: Mutant): void {
  for (let epoch = 0; epoch < 4; epoch += 1) {
    const bit = 1 << epoch
    // A kill ends some of them, or they end by themselves: which it was makes no difference to what is left.
    if (state.living & bit)
      emit({ state: { ...state, living: state.living & ~bit } }, 'processes end', undefined)
    if (state.checked & bit) goOn(state, epoch, emit, mutant)
  }
  emit({ state: rebooted(state) }, 'reboot', undefined)
  const lost = state.lost | livesUpTo(state.nonce)
  const nothing = { epoch: 0, told: false, lost } as const
  emit(
    { state: { ...state, ...nothing, status: 'none', nonce: 'none', booted: false } },
    'the state is lost',
    undefined,
  )
  emit(
    { state: { ...state, ...nothing, status: 'open', nonce: 'foreign', booted: true } },
    'the state is swapped',
    undefined,
  )
}

export const rebooted = (state: State): State => ({
  ...release(state),
  booted: false,
  living: 0,
  waiting: 0,
  checked: 0,
})
