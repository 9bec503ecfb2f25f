import type { Arbitrary } from 'fast-check'
import { constantFrom, integer, oneof, record } from 'fast-check'
import type { Message, Verb } from '../model/messages.ts'
import type { State } from '../model/state.ts'
import type { Belief, Choice } from './commands.ts'

/** What is sent next: mostly what could mean something, sometimes what came before, sometimes anything. */
export const choiceOf = (messages: readonly Message[]): Arbitrary<Choice> =>
  oneof(
    { arbitrary: integer({ min: 0, max: 5 }).map(onward(messages)), weight: 8 },
    { arbitrary: nearby(messages), weight: 5 },
    { arbitrary: integer({ min: 1, max: 3 }).map(again(messages)), weight: 3 },
    { arbitrary: constantFrom(...messages).map((message) => () => message), weight: 2 },
  )

/** What takes the host on from where it is: into a lease, into its run, and out of it in every way. */
const onward =
  (messages: readonly Message[]) =>
  (draw: number): Choice =>
  ({ states: [state] }) => {
    const of = (verb: Verb, epoch: number): Message =>
      pick(messages, (message) => message.verb === verb && message.epoch === epoch)
    const remedy = pick(messages, ({ verb, seen }) => verb === 'init' && seen === state?.nonce)
    if (!state || !isKnown(state) || state.status === 'starting') return remedy
    if (state.status === 'opening') return of('open', state.epoch)
    if (state.status === 'closed') return draw === 0 ? of('close', state.epoch) : of('open', state.epoch + 1)
    if (state.living === 0) return of('run', state.epoch)
    if (draw === 0) return remedy
    return draw < 4 ? of('open', state.epoch + 1) : of('close', state.epoch)
  }

/** A message of a lease that is near the one the host is at. */
const nearby = (messages: readonly Message[]): Arbitrary<Choice> =>
  record({
    verb: constantFrom<Verb>('open', 'close', 'run'),
    distance: constantFrom(0, 0, 1, -1),
  }).map(({ verb, distance }) => (belief) => {
    const epoch = epochOf(belief) + distance
    return pick(messages, (message) => message.verb === verb && message.epoch === epoch)
  })

/** A message that was sent a while ago arrives once more. */
const again =
  (messages: readonly Message[]) =>
  (ago: number): Choice =>
  ({ sent }) =>
    sent.at(-ago) ?? pick(messages, () => true)

const isKnown = ({ booted, nonce }: State): boolean => booted && (nonce === 'first' || nonce === 'second')

const epochOf = ({ states: [state] }: Belief): number => state?.epoch ?? 0

function pick(messages: readonly Message[], wanted: (message: Message) => boolean): Message {
  const message = messages.find(wanted) ?? messages[0]
  if (!message) throw new Error('a plan without messages')
  return message
}
