import { expect, test } from 'vitest'
import { startStepFunctions } from '../../../infra/local/stepfunctions/server.ts'
import { lambdaTask, machine } from './support/machine.ts'

const refused: readonly [rule: string, definition: ReturnType<typeof machine>, message: RegExp][] = [
  [
    'a Next that names no state',
    machine({ A: { Type: 'Pass', Next: 'B' } }),
    /state A: Next names no state: B/,
  ],
  [
    'a StartAt that names no state',
    machine({ A: { Type: 'Succeed' } }, { StartAt: 'B' }),
    /StartAt names no state: B/,
  ],
  [
    'a state that neither goes on nor ends',
    machine({ A: { Type: 'Pass' } }),
    /state A: needs either Next or "End"/,
  ],
  [
    'a field of the JSONPath dialect',
    machine({ A: { Type: 'Pass', ResultPath: '$.a', End: true } }),
    /ResultPath/,
  ],
  [
    'the JSONPath dialect itself',
    machine({ A: { Type: 'Succeed' } }, { QueryLanguage: 'JSONPath' }),
    /QueryLanguage/,
  ],
  [
    'an expression that does not parse',
    machine({ A: { Type: 'Pass', Output: '{% 1 + %}', End: true } }),
    /state A: .*end of expression/,
  ],
  [
    'a condition that is no expression',
    machine({ A: { Type: 'Choice', Choices: [{ Condition: 'x', Next: 'A' }] } }),
    /Condition is no expression/,
  ],
  ['a Wait without an end', machine({ A: { Type: 'Wait', End: true } }), /needs either Seconds or Timestamp/],
  [
    'a call that nothing here can make',
    machine({ A: lambdaTask({ Resource: 'arn:aws:states:::sqs:sendMessage', End: true }) }),
    /no integration for the Resource arn:aws:states:::sqs:sendMessage/,
  ],
  [
    'a branch that is no machine',
    machine({ A: { Type: 'Parallel', Branches: [{ StartAt: 'B', States: {} }], End: true } }),
    /state A: StartAt names no state: B/,
  ],
]

test.each(refused)('%s is refused when the machine is loaded', async (_rule, source, message) => {
  const started = startStepFunctions({
    stateMachines: [source],
    invokeLambda: async () => ({ ok: true, payload: '{}' }),
    sdkIntegrations: {},
  })

  await expect(started).rejects.toThrow(message)
})
