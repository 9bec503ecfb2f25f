import aslValidator from 'asl-validator'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import type { Definition, Task } from '../../infra/machines/asl.ts'
import { synthesized } from './support/synthesized.ts'

const { service, assembly } = synthesized()
const machines = assembly.stateMachines.map(({ name, definition }) => ({
  name,
  definition: JSON.parse(definition) as Definition,
}))
const tasks = machines.flatMap(({ name, definition }) =>
  Object.entries(definition.States).flatMap(([state, body]) =>
    body.Type === 'Task' ? [{ title: `${name} ${state}`, task: body }] : [],
  ),
)
const functions = assembly.functions.map(({ arn, timeoutSeconds }) => ({ arn, timeoutSeconds }))

test.each(machines)('the definition of $name is valid Amazon States Language', ({ definition }) => {
  const { errors, isValid } = aslValidator(definition)

  expect(errors).toEqual([])
  expect(isValid).toBe(true)
})

test.each(machines)('every state of $name can be reached', ({ definition }) => {
  const text = JSON.stringify(definition)

  const lonely = Object.keys(definition.States).filter(
    (state) => !text.includes(`"Next":"${state}"`) && !text.includes(`"Default":"${state}"`),
  )

  expect(lonely.filter((state) => state !== definition.StartAt)).toEqual([])
})

test.each(tasks)('$title has a timeout and says what happens when it fails', ({ task }) => {
  const { TimeoutSeconds, Retry = [], Catch = [] } = task

  expect(TimeoutSeconds).toBeDefined()
  expect([...Retry, ...Catch]).not.toEqual([])
  for (const { JitterStrategy } of Retry) expect(JitterStrategy).toBe('FULL')
})

test.each(tasks.filter(({ task }) => task.Resource.endsWith(':lambda:invoke')))(
  '$title waits longer than its function may run',
  ({ task }) => {
    const called = functions.find(({ arn }) => arn === task.Arguments['FunctionName'])

    expect(task.TimeoutSeconds).toBeGreaterThan(called?.timeoutSeconds ?? Infinity)
  },
)

const beating = tasks.filter(({ task }) => task.HeartbeatSeconds !== undefined)

test('a lease in use is the only thing with a heartbeat', () => {
  expect(beating.map(({ title }) => title)).toEqual(['drydock-lease Hold'])
})

test.each([
  { timeoutSeconds: 3_630, heartbeatSeconds: 602 },
  { timeoutSeconds: 600, heartbeatSeconds: 600 },
  { timeoutSeconds: 31, heartbeatSeconds: 900 },
  { timeoutSeconds: 2, heartbeatSeconds: 1 },
])(
  'a heartbeat is below its timeout, whatever was asked for: $heartbeatSeconds of $timeoutSeconds',
  async (input) => {
    for (const { task } of beating) {
      const heartbeat = await evaluate(task.HeartbeatSeconds, input)
      const timeout = await evaluate(task.TimeoutSeconds, input)

      expect(heartbeat).toBeLessThan(timeout)
      expect(heartbeat).toBeGreaterThan(0)
    }
  },
)

test('machines are Standard and log errors without what leases say', () => {
  service.allResourcesProperties('AWS::StepFunctions::StateMachine', {
    StateMachineType: 'STANDARD',
  })
  for (const machine of Object.values(service.findResources('AWS::StepFunctions::StateMachine'))) {
    expect(machine['Properties'].LoggingConfiguration).toMatchObject({
      Level: 'ERROR',
      IncludeExecutionData: false,
    })
  }
})

async function evaluate(field: Task['TimeoutSeconds'] | undefined, input: unknown): Promise<number> {
  const source = String(field).replace(/^\{%|%\}$/g, '')
  return jsonata(source).evaluate(undefined, { states: { input } }) as Promise<number>
}
