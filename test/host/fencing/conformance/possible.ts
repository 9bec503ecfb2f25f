import type { Message } from '../model/messages.ts'
import type { State } from '../model/state.ts'
import { highOf, lowOf, oneLess, waitingAt } from '../model/state.ts'
import type { Outcome } from '../model/steps.ts'
import { arrive, endKill, finish, release } from '../model/steps.ts'
import { admitted, lookAgain } from '../model/successors.ts'

/** One way in which messages that were sent together may have ended. */
export interface Ending {
  readonly state: State
  /** `message=answer`, sorted, because of two equal messages nobody knows which was first. */
  readonly answers: readonly string[]
}

interface Node extends Ending {
  readonly unsent: readonly Message[]
}

/** A message as it is told apart in answers: two inits that differ in what they have seen go on alike. */
export const labelOf = ({ verb, nonce, epoch }: Message): string => `${verb}(${nonce}, ${epoch})`

/** Every ending of messages sent together, over all interleavings of their steps. `cut`: they may also die halfway. */
export function endingsOf(from: State, messages: readonly Message[], cut: boolean): readonly Ending[] {
  const ends = new Map<string, Ending>()
  const seen = new Set<string>()
  const open: Node[] = [{ state: from, answers: [], unsent: messages }]
  for (let node = open.pop(); node; node = open.pop()) {
    const key = keyOf(node)
    if (seen.has(key)) continue
    seen.add(key)
    const { state, unsent } = node
    if (unsent.length === 0 && state.waiting === 0 && state.holder === -1) ends.set(key, node)
    open.push(...nextOf(node, messages, cut))
  }
  return [...ends.values()]
}

function nextOf(node: Node, messages: readonly Message[], cut: boolean): Node[] {
  const { state, unsent } = node
  const next: Node[] = []
  const go = (message: Message, outcome: Outcome, left = unsent): void => {
    next.push(after(node, message, outcome.state, outcome.answer, left))
    // Killed between its last step and its answer.
    if (cut && outcome.answer) next.push(after(node, message, outcome.state, 'none', left))
  }
  const die = (message: Message, without: State, left = unsent): void => {
    if (cut) next.push(after(node, message, without, 'none', left))
  }
  for (const [at, message] of unsent.entries()) {
    const left = unsent.toSpliced(at, 1)
    for (const outcome of arrive(state, message)) go(message, admitted(outcome, message), left)
    die(message, state, left)
  }
  for (const message of new Map(messages.map((each) => [each.place, each])).values()) {
    if (message.place < 0) continue
    if (waitingAt(state, message.place) > 0) {
      const gone = { ...state, waiting: oneLess(state, message.place) }
      for (const outcome of lookAgain(gone, message)) go(message, outcome)
      die(message, gone)
    }
    if (state.holder !== message.place) continue
    const dead = { ...state, living: 0 }
    go(message, state.killing ? endKill(dead, message) : finish(state, message))
    die(message, release(state))
    if (state.killing) die(message, release(dead))
  }
  return next
}

function after(
  node: Node,
  message: Message,
  state: State,
  answer: string | undefined,
  unsent: readonly Message[],
): Node {
  const answers = answer ? [...node.answers, `${labelOf(message)}=${answer}`].toSorted() : node.answers
  return { state, answers, unsent }
}

const keyOf = ({ state, answers, unsent }: Node): string =>
  [lowOf(state), highOf(state), ...answers, '|', ...unsent.map(({ name }) => name).toSorted()].join(' ')
