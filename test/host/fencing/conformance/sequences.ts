import type { Arbitrary } from 'fast-check'
import {
  array,
  assert,
  asyncModelRun,
  asyncProperty,
  commands,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check'
import type { Plan } from '../model/messages.ts'
import { messagesOf } from '../model/messages.ts'
import { FRESH } from '../model/state.ts'
import { choiceOf } from './choices.ts'
import type { Belief, Command } from './commands.ts'
import { cut, send, suffer } from './commands.ts'
import type { Accident, Subject } from './subject.ts'

export interface Trial {
  readonly subject: () => Subject
  readonly accidents: readonly Accident[]
  readonly seed: number
  readonly sequences: number
  /** How many commands a sequence has at most. */
  readonly length: number
  /** How many milliseconds apart messages are that are under way together, at most. */
  readonly apart: number
}

/** Sends random sequences to a host; fails with the shortest that the model does not explain, told as it went. */
export async function tryAgainstModel({ subject, seed, sequences, ...shape }: Trial): Promise<void> {
  const plans = ([1, 2, 3] as const).map((renamed) => sequenceOf({ renamed, last: 3 }, shape))
  await assert(
    asyncProperty(oneof(...plans), async (sequence) => {
      const belief: Belief = { states: [FRESH], sent: [], story: [] }
      try {
        await asyncModelRun(() => ({ model: belief, real: subject() }), sequence)
      } catch (error) {
        throw new Error(
          `${error instanceof Error ? error.message : String(error)}\n  ${belief.story.join('\n  ')}`,
          {
            cause: error,
          },
        )
      }
    }),
    { seed, numRuns: sequences, includeErrorInReport: true },
  )
}

type Shape = Pick<Trial, 'accidents' | 'length' | 'apart'>

function sequenceOf(plan: Plan, { accidents, length, apart }: Shape): Arbitrary<Iterable<Command>> {
  const choose = choiceOf(messagesOf(plan))
  const delay = integer({ min: 0, max: apart })
  const together = array(record({ choose, delay }), { minLength: 2, maxLength: 3 })
  const command = oneof(
    { arbitrary: choose.map((each) => send('alone', [{ choose: each, delay: 0 }])), weight: 10 },
    { arbitrary: together.map((each) => send('together', each)), weight: 6 },
    { arbitrary: record({ choose, delay }).map((each) => cut(each.choose, each.delay)), weight: 3 },
    ...(accidents.length > 0 ? [{ arbitrary: constantFrom(...accidents).map(suffer), weight: 1 }] : []),
  )
  return commands([command], { maxCommands: length, size: 'max' })
}
