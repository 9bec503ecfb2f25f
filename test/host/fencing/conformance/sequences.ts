import type { Arbitrary } from 'fast-check'
import {
  assert,
  asyncModelRun,
  asyncProperty,
  commands,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  tuple,
} from 'fast-check'
import type { Message, Plan, Verb } from '../model/messages.ts'
import { messagesOf } from '../model/messages.ts'
import { FRESH } from '../model/state.ts'
import type { Belief, Choice, Command } from './commands.ts'
import { cut, send, suffer } from './commands.ts'
import type { Accident, Subject } from './subject.ts'

export interface Trial {
  readonly subject: () => Subject
  readonly accidents: readonly Accident[]
  readonly seed: number
  readonly sequences: number
  /** How many commands a sequence has at most. */
  readonly length: number
}

/** Sends random sequences to a host; fails with the shortest that the model does not explain. */
export async function tryAgainstModel({ subject, accidents, seed, sequences, length }: Trial): Promise<void> {
  const plans = ([1, 2, 3] as const).map((renamed) => sequenceOf({ renamed, last: 3 }, accidents, length))
  await assert(
    asyncProperty(oneof(...plans), async (sequence) => {
      await asyncModelRun(() => ({ model: { states: [FRESH] }, real: subject() }), sequence)
    }),
    { seed, numRuns: sequences },
  )
}

function sequenceOf(
  plan: Plan,
  accidents: readonly Accident[],
  length: number,
): Arbitrary<Iterable<Command>> {
  const messages = messagesOf(plan)
  const choice = oneof(
    { arbitrary: nearby(messages), weight: 12 },
    { arbitrary: constant(remedy(messages)), weight: 1 },
    { arbitrary: constantFrom(...messages).map((message) => () => message), weight: 3 },
  )
  const milliseconds = integer({ min: 0, max: 80 })
  const command = oneof(
    { arbitrary: choice.map((choose) => send([choose])), weight: 10 },
    { arbitrary: tuple(choice, choice).map(send), weight: 6 },
    {
      arbitrary: record({ choose: choice, milliseconds }).map((each) => cut(each.choose, each.milliseconds)),
      weight: 3,
    },
    ...(accidents.length > 0 ? [{ arbitrary: constantFrom(...accidents).map(suffer), weight: 1 }] : []),
  )
  return commands([command], { maxCommands: length, size: 'max' })
}

/** How far from the epoch of the host a message is, most often. */
const DISTANCES: Readonly<Record<Exclude<Verb, 'init'>, readonly number[]>> = {
  open: [0, 1, 1, -1],
  close: [0, 0, 0, 1, -1],
  run: [0, 0, 0, 0, 1, -1],
}

/** A message of a lease that is near the one the host is at; mostly the remedy where the host is at none. */
function nearby(messages: readonly Message[]): Arbitrary<Choice> {
  const verb = constantFrom<'open' | 'close' | 'run'>('open', 'close', 'run', 'run')
  return verb.chain((verb) =>
    record({ distance: constantFrom(...DISTANCES[verb]), stubborn: integer({ min: 0, max: 3 }) }).map(
      ({ distance, stubborn }) =>
        (belief) => {
          if (stubborn > 0 && !isKnown(belief)) return remedy(messages)(belief)
          const epoch = epochOf(belief) + distance
          return pick(messages, (message) => message.verb === verb && message.epoch === epoch)
        },
    ),
  )
}

const isKnown = ({ states: [state] }: Belief): boolean =>
  state !== undefined && state.booted && (state.nonce === 'first' || state.nonce === 'second')

/** What cleaning would send: the init that the host accepts, if there is one. */
const remedy =
  (messages: readonly Message[]): Choice =>
  ({ states: [state] }) => {
    const inits = messages.filter(({ verb }) => verb === 'init')
    return pick(inits, ({ seen }) => seen === state?.nonce)
  }

const epochOf = ({ states: [state] }: Belief): number => state?.epoch ?? 0

function pick(messages: readonly Message[], wanted: (message: Message) => boolean): Message {
  const message = messages.find(wanted) ?? messages[0]
  if (!message) throw new Error('a plan without messages')
  return message
}
