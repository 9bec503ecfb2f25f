import type { Message } from './messages.ts'
import type { Mutant } from './variants.ts'
import type { State } from './state.ts'

export type Answer = 'done' | 'stale' | 'closed' | 'opening' | 'unknown'

/** What one atomic step of the script leads to: a new state, and its answer if it was the last one. */
export interface Outcome {
  readonly state: State
  readonly answer?: Answer
  /** Whether the message now wants to kill, which one at a time may do. */
  readonly wants?: true
  /** The epoch of which the step has started a process. */
  readonly started?: number
}

/** The script's first step, under the slot's lock. Who wants to kill and has to wait takes it again. */
export function arrive(state: State, message: Message, mutant?: Mutant): readonly Outcome[] {
  switch (message.verb) {
    case 'init':
      return [arriveInit(state, message, mutant)]
    case 'open':
      return arriveOpen(state, message, mutant)
    case 'close':
      return [arriveClose(state, message, mutant)]
    case 'run':
      return [arriveRun(state, message, mutant)]
  }
}

function arriveInit(state: State, message: Message, mutant?: Mutant): Outcome {
  if (state.nonce === message.nonce && state.epoch === message.epoch && state.booted) {
    if (state.status !== 'starting' || mutant === 'an init that was interrupted is taken for done')
      return confirmed(state, message.epoch)
    return wanting(state)
  }
  if (state.nonce !== message.seen && mutant !== 'init does not compare what was seen')
    return { state, answer: 'unknown' }
  const starting = store({ ...state, nonce: message.nonce }, message.epoch, 'starting')
  return wanting({ ...starting, told: false })
}

function arriveOpen(state: State, message: Message, mutant?: Mutant): readonly Outcome[] {
  const answer = unknown(state, message, mutant)
  if (answer) return [{ state, answer }]
  if (message.epoch < state.epoch && mutant !== 'open takes an epoch that is over')
    return [{ state, answer: 'stale' }]
  if (message.epoch === state.epoch) {
    if (state.status === 'open') return [opened(state)]
    if (state.status !== 'closed') return [wanting(state)]
    if (mutant !== 'open revives what is closed') return [{ state, answer: 'closed' }]
    return [wanting(store(state, message.epoch, 'opening'))]
  }
  const opening = store(state, message.epoch, 'opening')
  const slowly = mutant === 'open answers before its epoch is open' ? opened(opening) : wanting(opening)
  // Where the level of isolation has changed, an empty slot is opened slowly too: both ways are looked at.
  if (!wasEmptied(state) && mutant !== 'open trusts every closed slot to be empty') return [slowly]
  return [opened(store(state, message.epoch, 'open')), slowly]
}

function arriveClose(state: State, message: Message, mutant?: Mutant): Outcome {
  const answer = unknown(state, message, mutant)
  if (answer) return { state, answer }
  if (message.epoch < state.epoch) return late(state, message.epoch)
  if (message.epoch > state.epoch && mutant === 'close ignores an epoch that is ahead')
    return late(state, message.epoch)
  if (mutant === 'close stores after the kill') return wanting(state)
  if (message.epoch > state.epoch || state.status !== 'closed') {
    const closed = store(state, message.epoch, 'closed')
    const early = mutant === 'close notes emptiness before the kill'
    return wanting(early ? { ...closed, emptied: message.epoch } : closed)
  }
  return wasEmptied(state) ? confirmed(state, message.epoch) : wanting(state)
}

function arriveRun(state: State, message: Message, mutant?: Mutant): Outcome {
  const answer = unknown(state, message, mutant)
  if (answer) return { state, answer }
  if (mutant !== 'run does not compare epochs') {
    if (message.epoch < state.epoch) return { state, answer: 'stale' }
    if (message.epoch > state.epoch) return { state, answer: 'opening' }
  }
  if (state.status === 'opening' && mutant !== 'run starts while the slot opens')
    return { state, answer: 'opening' }
  if (state.status === 'closed' || state.status === 'none') return { state, answer: 'closed' }
  if (mutant === 'run does not check under the lock')
    return { state: { ...state, checked: state.checked | (1 << message.epoch) } }
  return start(state, message.epoch)
}

/** Whether the one that kills may go on: it has seen that nothing is left. */
export function sawNothing(state: State, message: Message, mutant?: Mutant): boolean {
  if (state.living === 0) return true
  if (message.verb === 'open') return mutant === 'open does not kill'
  if (message.verb === 'init') return mutant === 'init does not kill'
  return mutant === 'close answers although something survived'
}

/** The kill is over. A close notes it and answers; the others store under the slot's lock. */
export function endKill(state: State, message: Message, mutant?: Mutant): Outcome {
  if (message.verb !== 'close') return { state: { ...state, killing: false } }
  const free = { ...release(state), emptied: message.epoch }
  if (mutant !== 'close stores after the kill') return confirmed(free, message.epoch)
  return confirmed(store(free, message.epoch, 'closed'), message.epoch)
}

/** The last step of init and open, under the slot's lock. */
export function finish(before: State, message: Message, mutant?: Mutant): Outcome {
  const state = release(before)
  if (message.verb === 'init') {
    if (isStarting(state, message))
      return confirmed(store({ ...state, emptied: message.epoch }, message.epoch, 'closed'), message.epoch)
    return { state, answer: 'unknown' }
  }
  const answer = unknown(state, message, mutant)
  if (answer) return { state, answer }
  if (mutant === 'open does not look again before it stores')
    return opened(store(state, message.epoch, 'open'))
  if (message.epoch < state.epoch) return { state, answer: 'stale' }
  if (isOpening(state, message)) return opened(store(state, message.epoch, 'open'))
  return state.epoch === message.epoch && state.status === 'open'
    ? opened(state)
    : { state, answer: 'closed' }
}

export const start = (state: State, epoch: number): Outcome => ({
  state: {
    ...state,
    living: state.living | (1 << epoch),
    checked: state.checked & ~(1 << epoch),
  },
  answer: 'done',
  started: epoch,
})

export const release = (state: State): State => ({ ...state, holder: -1, killing: false })

/** A slot that the caller does not know, or one that an init has in its hands. */
function unknown(state: State, message: Message, mutant?: Mutant): Answer | undefined {
  if (state.nonce !== message.nonce && mutant !== 'the nonce is ignored') return 'unknown'
  if (!state.booted && mutant !== 'the boot is ignored' && mutant !== 'the nonce is ignored') return 'unknown'
  return state.status === 'starting' ? 'opening' : undefined
}

const wasEmptied = (state: State): boolean => state.status === 'closed' && state.emptied === state.epoch

const isOpening = (state: State, message: Message): boolean =>
  state.epoch === message.epoch && state.status === 'opening'

const isStarting = (state: State, message: Message): boolean =>
  state.nonce === message.nonce && state.epoch === message.epoch && state.status === 'starting'

const wanting = (state: State): Outcome => ({ state, wants: true })

const store = (state: State, epoch: number, status: State['status']): State => ({
  ...state,
  epoch,
  status,
  booted: true,
  told: state.told && state.epoch === epoch,
  highest: Math.max(state.highest, epoch),
})

const opened = (state: State): Outcome => ({ state: { ...state, told: true }, answer: 'done' })

/** The epoch is over, and what it has started is the business of the later one. */
const late = (state: State, epoch: number): Outcome => ({
  state: { ...state, closedTold: Math.max(state.closedTold, epoch) },
  answer: 'done',
})

const confirmed = (state: State, epoch: number): Outcome =>
  late({ ...state, emptyTold: Math.max(state.emptyTold, epoch) }, epoch)
