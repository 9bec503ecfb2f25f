import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { service } from './support/service.ts'

const each = (Items: unknown, processor: object, more: object = {}) => ({
  Type: 'Map',
  Items,
  ItemProcessor: { StartAt: 'Each', States: { Each: { ...processor, End: true } } },
  ...more,
  End: true,
})

const succeeding: readonly [rule: string, states: Record<string, object>, input: unknown, output: unknown][] =
  [
    ['Pass hands its input on', { A: { Type: 'Pass', End: true } }, { a: 1 }, { a: 1 }],
    [
      'Output replaces expressions wherever they stand',
      { A: { Type: 'Pass', Output: { x: ['{% $states.input.a + 1 %}', 'plain', 7], y: null }, End: true } },
      { a: 1 },
      { x: [2, 'plain', 7], y: null },
    ],
    [
      'an expression counts only if its marks are the first and last characters',
      { A: { Type: 'Pass', Output: [' {% 1 %}', '{% 1 %}'], End: true } },
      {},
      [' {% 1 %}', 1],
    ],
    [
      'Assign and Output see the variables as they were before the state',
      {
        A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
        C: {
          Type: 'Pass',
          Output: { x: '{% $x %}', y: '{% $y %}', before: '{% $states.input %}' },
          End: true,
        },
      },
      {},
      { x: 2, y: 1, before: 1 },
    ],
    [
      'an array of one element stays an array',
      {
        A: { Type: 'Pass', Assign: { list: '{% [$states.input.a] %}' }, Next: 'B' },
        B: { Type: 'Pass', Output: '{% $list %}', End: true },
      },
      { a: 1 },
      [1],
    ],
    [
      'Choice takes the first rule that holds, with its own Assign and Output',
      {
        A: {
          Type: 'Choice',
          Assign: { by: 'default' },
          Choices: [
            { Condition: '{% $states.input.n > 9 %}', Next: 'B' },
            {
              Condition: '{% $states.input.n > 4 %}',
              Assign: { by: 'rule' },
              Output: { n: 'many' },
              Next: 'B',
            },
            { Condition: '{% $states.input.n > 1 %}', Next: 'B' },
          ],
          Default: 'B',
        },
        B: { Type: 'Pass', Output: { by: '{% $by %}', input: '{% $states.input %}' }, End: true },
      },
      { n: 5 },
      { by: 'rule', input: { n: 'many' } },
    ],
    [
      'Choice without a rule that holds goes to Default, with the state’s own Assign',
      {
        A: {
          Type: 'Choice',
          Assign: { by: 'default' },
          Choices: [{ Condition: '{% false %}', Next: 'A' }],
          Default: 'B',
        },
        B: { Type: 'Pass', Output: '{% $by %}', End: true },
      },
      {},
      'default',
    ],
    [
      'Succeed ends with its Output',
      { A: { Type: 'Succeed', Output: { done: '{% true %}' } } },
      {},
      { done: true },
    ],
    [
      'the context names execution, machine and state',
      {
        A: {
          Type: 'Pass',
          Output:
            '{% $states.context.{"id": Execution.Id, "name": Execution.Name, "input": Execution.Input, "machine": StateMachine.Name, "state": State.Name} %}',
          End: true,
        },
      },
      { a: 1 },
      {
        id: 'arn:aws:states:eu-west-1:123456789012:execution:machine:one',
        name: 'one',
        input: { a: 1 },
        machine: 'machine',
        state: 'A',
      },
    ],
    [
      'functions of the service are there',
      {
        A: {
          Type: 'Pass',
          Output:
            '{% [$range(1, 5, 2), $partition([1, 2, 3], 2), $parse("{\\"a\\":1}").a, $hash("a", "MD5"), $length($uuid())] %}',
          End: true,
        },
      },
      {},
      [1, 3, 5, [1, 2], [3], 1, '0cc175b9c0f1b6a831c399e269772661', 36],
    ],
    [
      'Map runs its states for each item and keeps the order',
      {
        A: each('{% $states.input.list %}', { Type: 'Pass', Output: '{% $states.input * $states.input %}' }),
      },
      { list: [1, 2, 3] },
      [1, 4, 9],
    ],
    ['Map over nothing is an empty list', { A: each([], { Type: 'Pass' }) }, {}, []],
    [
      'Map sees item and index, outer variables, and one item after the other if so limited',
      {
        V: { Type: 'Pass', Assign: { base: 10 }, Next: 'A' },
        A: each(
          '{% $states.input %}',
          { Type: 'Pass', Output: '{% $base + $states.input.index + $states.context.Map.Item.Index %}' },
          {
            ItemSelector: {
              index: '{% $states.context.Map.Item.Index %}',
              value: '{% $states.context.Map.Item.Value %}',
            },
            MaxConcurrency: 1,
            Output: { all: '{% $states.result %}' },
          },
        ),
      },
      ['a', 'b', 'c'],
      { all: [10, 12, 14] },
    ],
    [
      'Parallel gives each branch the arguments and gathers in the order of the branches',
      {
        A: {
          Type: 'Parallel',
          Arguments: { n: '{% $states.input.n + 1 %}' },
          Branches: [
            {
              StartAt: 'X',
              States: {
                X: { Type: 'Pass', Output: '{% $states.input.n %}', Next: 'Y' },
                Y: { Type: 'Succeed' },
              },
            },
            {
              StartAt: 'X',
              States: { X: { Type: 'Pass', Output: '{% $states.input.n * 10 %}', End: true } },
            },
          ],
          End: true,
        },
      },
      { n: 1 },
      [2, 20],
    ],
  ]

test.each(succeeding)('%s', async (_rule, states, input, output) => {
  await using local = await service(machine(states))

  const end = await local.ended(await local.start(input, 'one'))

  expect([end.status, end.error]).toEqual(['SUCCEEDED', undefined])
  expect(JSON.parse(String(end.output))).toEqual(output)
})

const failing: readonly [rule: string, states: Record<string, object>, error: string, cause: RegExp][] = [
  [
    'Fail ends with its error and cause',
    { A: { Type: 'Fail', Error: 'Own', Cause: '{% "because " & $states.input.a %}' } },
    'Own',
    /^because 1$/,
  ],
  [
    'an expression without a value fails',
    { A: { Type: 'Pass', Output: { x: '{% $states.input.none %}' }, End: true } },
    'States.QueryEvaluationError',
    /Output\/x returned nothing/,
  ],
  [
    'an expression that throws fails',
    { A: { Type: 'Pass', Output: '{% $number("x") %}', End: true } },
    'States.QueryEvaluationError',
    /Output failed: D3030/,
  ],
  [
    'a condition that is no boolean fails',
    { A: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'A' }] } },
    'States.QueryEvaluationError',
    /Condition must be true or false/,
  ],
  [
    'no rule and no Default fails',
    { A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'A' }] } },
    'States.NoChoiceMatched',
    /No rule of A/,
  ],
  [
    'a wait that is no whole number fails',
    { A: { Type: 'Wait', Seconds: '{% 1.5 %}', End: true } },
    'States.QueryEvaluationError',
    /Seconds must be a whole number/,
  ],
  [
    'a wait until nonsense fails',
    { A: { Type: 'Wait', Timestamp: 'tomorrow', End: true } },
    'States.QueryEvaluationError',
    /ISO 8601/,
  ],
  [
    'items that are no array fail',
    { A: each('{% 1 %}', { Type: 'Pass' }) },
    'States.QueryEvaluationError',
    /Items must be an array/,
  ],
  [
    'a branch’s failure is the state’s',
    { A: each('{% [1] %}', { Type: 'Pass', Output: '{% $none %}' }) },
    'States.QueryEvaluationError',
    /returned nothing/,
  ],
  [
    'an output past 256 KB fails',
    { A: { Type: 'Pass', Output: '{% $join($range(1, 1000, 1).$pad("", 300, "x")) %}', End: true } },
    'States.DataLimitExceeded',
    /262144/,
  ],
  [
    'a loop ends at the limit of the history',
    { A: { Type: 'Pass', Next: 'A' } },
    'States.Runtime',
    /25000 events/,
  ],
]

test.each(failing)('%s', async (_rule, states, error, cause) => {
  await using local = await service(machine(states))

  const end = await local.ended(await local.start({ a: 1 }))

  expect(end).toMatchObject({ status: 'FAILED', error, cause: expect.stringMatching(cause) })
})
