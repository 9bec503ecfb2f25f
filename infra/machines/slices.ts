import { call, expression, on, whenBusy, whenFailed } from './asl.ts'
import type { Definition } from './asl.ts'
import type { FunctionName } from '../../lib/contract/environment.ts'

export interface SliceTarget {
  readonly partition: string
  readonly functionArn: string
}

/** How often the function was called before: it alone knows how long to pause then. */
const tries = '($exists($tries) ? $tries : 0)'

/** Calls one function, again and again, until it says that it is done: how work longer than a Lambda is done. */
export function sliceMachine(
  comment: string,
  state: string,
  name: FunctionName,
  target: SliceTarget,
): Definition {
  return {
    Comment: comment,
    QueryLanguage: 'JSONata',
    StartAt: state,
    States: {
      [state]: call(name, target, `$merge([$states.context.Execution.Input, {'tries': ${tries}}])`, {
        Assign: { tries: expression(`${tries} + 1`) },
        Retry: [whenBusy, whenFailed(4)],
        // It goes on for as long as it takes: one that ended would have to be found and started again.
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }],
        Next: 'More',
      }),
      More: {
        Type: 'Choice',
        Choices: [on('DONE', 'Done'), { Condition: expression('$states.input.seconds > 0'), Next: 'Pause' }],
        Default: state,
      },
      Rest: { Type: 'Wait', Seconds: expression('30'), Next: state },
      Pause: { Type: 'Wait', Seconds: expression('$states.input.seconds'), Next: state },
      Done: { Type: 'Succeed' },
    },
  }
}
