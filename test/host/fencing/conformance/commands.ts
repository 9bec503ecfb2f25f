import { deepStrictEqual } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AsyncCommand } from 'fast-check'
import type { Message } from '../model/messages.ts'
import type { State } from '../model/state.ts'
import { FRESH } from '../model/state.ts'
import { rebooted } from '../model/successors.ts'
import type { Ending } from './possible.ts'
import { endingsOf, labelOf } from './possible.ts'
import type { Accident, Subject } from './subject.ts'

export interface Belief {
  /** The states that the host may be in, given all that it has answered. */
  states: readonly State[]
  readonly sent: Message[]
  /** What was done and answered so far, for whoever reads a failure. */
  readonly story: string[]
}

export type Command = AsyncCommand<Belief, Subject>

/** Picks a message once it is known where the host is, so that most have a meaning there. */
export type Choice = (belief: Belief) => Message

export interface Sending {
  readonly choose: Choice
  /** How long after the first one, so that it also meets a kill. Milliseconds. */
  readonly delay: number
}

const always = (): boolean => true

/** Messages that are under way at the same time. */
export const send = (name: string, sendings: readonly Sending[]): Command => ({
  check: always,
  toString: () => name,
  run: async (belief, subject) => {
    const chosen = sendings.map(({ choose, delay }) => ({ message: choose(belief), delay }))
    const messages = chosen.map(({ message }) => message)
    belief.sent.push(...messages)
    const verdicts = await Promise.all(
      chosen.map(async ({ message, delay }) => {
        if (delay > 0) await sleep(delay)
        return subject.send(message)
      }),
    )
    await compare(belief, subject, messages, verdicts, false)
  },
})

/** One message whose verb is killed after a while. */
export const cut = (choose: Choice, milliseconds: number): Command => ({
  check: always,
  toString: () => `cut after ${milliseconds} ms`,
  run: async (belief, subject) => {
    const message = choose(belief)
    belief.sent.push(message)
    // A run is not cut: what it leaves then cannot be found for a moment, and its end could not be waited for.
    const send = message.verb === 'run' ? undefined : subject.cut
    const verdict = await (send ? send(message, milliseconds) : subject.send(message))
    await compare(belief, subject, [message], [verdict], send !== undefined)
  },
})

export const suffer = (accident: Accident): Command => ({
  check: always,
  toString: () => accident,
  run: async (belief, subject) => {
    belief.story.push(accident)
    subject.suffer(accident)
    belief.states = belief.states.map((state) => after(state, accident))
    await compareHost(belief, subject)
  },
})

async function compare(
  belief: Belief,
  subject: Subject,
  messages: readonly Message[],
  verdicts: readonly string[],
  isCut: boolean,
): Promise<void> {
  const answers = messages.map((message, at) => `${labelOf(message)}=${verdicts[at]}`).toSorted()
  belief.story.push(answers.join(' and '))
  const endings = belief.states.flatMap((state) => endingsOf(state, messages, isCut))
  const allowed = endings.filter((ending) => ending.answers.join() === answers.join())
  if (allowed.length === 0)
    deepStrictEqual(answers, allAnswers(endings), 'an answer that the model does not allow')
  belief.states = unique(allowed.map(({ state }) => state))
  await compareHost(belief, subject)
}

/** Nothing may live that should not; what was started may need a moment to be seen. */
async function compareHost(belief: Belief, subject: Subject): Promise<void> {
  const stored = subject.stored?.()
  if (stored) {
    const known = belief.states.filter(
      ({ epoch, status, nonce }) =>
        epoch === stored.epoch && status === stored.status && nonce === stored.nonce,
    )
    if (known.length === 0) deepStrictEqual(stored, belief.states, 'a state that the model does not allow')
    belief.states = known
  }
  const most = belief.states.map(({ living }) => living)
  let living = subject.living()
  if (!most.some((bits) => (living & ~bits) === 0))
    deepStrictEqual(living, most, 'something lives that must not')
  for (let tries = 0; !most.includes(living) && tries < 500; tries += 1) {
    await sleep(10)
    living = subject.living()
  }
  if (!most.includes(living)) deepStrictEqual(living, most, 'something was killed that should live')
  belief.states = belief.states.filter((state) => state.living === living)
}

function after(state: State, accident: Accident): State {
  if (accident === 'reboot') return rebooted(state)
  if (accident === 'reimaged') return FRESH
  const kept = { ...state, epoch: 0, told: false }
  return accident === 'lost'
    ? { ...kept, status: 'none', nonce: 'none', booted: false }
    : { ...kept, status: 'open', nonce: 'foreign', booted: true }
}

const allAnswers = (endings: readonly Ending[]): string[] => [
  ...new Set(endings.map(({ answers }) => answers.join())),
]

const unique = (states: readonly State[]): State[] => [
  ...new Map(states.map((state) => [JSON.stringify(state), state])).values(),
]
