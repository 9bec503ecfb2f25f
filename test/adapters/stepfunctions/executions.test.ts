import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import type { MachineSource } from '../../../infra/local/stepfunctions/server.ts'
import { startStepFunctions } from '../../../infra/local/stepfunctions/server.ts'
import { createStepFunctions } from '../../../lib/adapters/stepfunctions/executions.ts'
import { buildOfExecution, lastUsed, leaseOfExecution } from '../../../lib/adapters/stepfunctions/names.ts'
import { MACHINES } from '../../../lib/contract/machines.ts'
import { executionsContract } from '../../contracts/executions.ts'
import type { OpenExecutions, Started } from '../../contracts/executions.ts'

const arnOf = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`
const machines = {
  lease: arnOf(MACHINES.lease),
  command: arnOf(MACHINES.command),
  slot: arnOf(MACHINES.slot),
  host: arnOf(MACHINES.host),
  landing: arnOf(MACHINES.landing),
  build: arnOf(MACHINES.build),
}
const kinds = Object.keys(machines) as (keyof typeof machines)[]
const WAITER = arnOf('waiter')

executionsContract('in Step Functions (the local stand-in)', openStepFunctions)

test('an execution has a link where there is a console', () => {
  const client = new SFNClient({ region: 'eu-west-1' })
  const linkPrefix = 'https://console.example/#/executions/'

  const linked = createStepFunctions({ client, machines, linkPrefix }).leaseExecution('01J')
  const bare = createStepFunctions({ client, machines, linkPrefix: '' }).leaseExecution('01J')

  expect(linked.link).toBe(`${linkPrefix}arn:aws:states:eu-west-1:123456789012:execution:drydock-lease:01J`)
  expect(bare).toEqual({ arn: linked.arn })
})

test.each([8, 9, 15, 16, 100, 4_711])('of %i used names the last one is found in few looks', async (used) => {
  let looks = 0

  const last = await lastUsed(async (repetition) => {
    looks += 1
    return repetition < used
  })

  expect(last).toBe(used - 1)
  expect(looks).toBeLessThanOrEqual(2 * Math.log2(used) + 2)
})

test('a quarantined host has an execution of its own machine, named by the change', async () => {
  await using opened = await openStepFunctions()

  await opened.executions.probeHost('alpha', 'c3')

  expect(await opened.started()).toEqual([{ machine: 'host', name: 'alpha-c3', input: { host: 'alpha' } }])
})

test.each([
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-r12', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-1', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-7-r2', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['by-hand', undefined],
])('an execution named %s is of lease %s', (name, lease) => {
  const found = leaseOfExecution(name)

  expect(found).toBe(lease)
})

test.each([
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-g1', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-g12-r2', '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1', undefined],
  ['01J8ZB2WJ3N3W5V6G7Q8R9S0T1-1', undefined],
])('an execution named %s is of build %s, and then of no lease', (name, build) => {
  const found = buildOfExecution(name)

  expect(found).toBe(build)
  expect(build !== undefined && leaseOfExecution(name) !== undefined).toBe(false)
})

/** Machines that stand still until somebody stops them, and one whose executions wait for a token. */
async function openStepFunctions(): Promise<OpenExecutions> {
  const tokens: PromiseWithResolvers<string>[] = []
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const server = await startStepFunctions({
    stateMachines: [...kinds.map((kind) => still(MACHINES[kind], machines[kind])), waiter()],
    invokeLambda: () => Promise.reject(new Error('no machine here calls a function')),
    sdkIntegrations: {
      'dynamodb:updateItem': async ({ Token }) => {
        tokens.shift()?.resolve(String(Token))
        return {}
      },
    },
    onStatusChange: ({ executionArn, status }) => {
      if (status !== 'RUNNING') ends.get(executionArn)?.resolve()
    },
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SFNClient({ endpoint: server.endpoint, region: 'eu-west-1', credentials })
  const waiters = new Map<string, string>()

  const startedOf = async (kind: Started['machine']) => {
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: machines[kind] }),
    )
    return Promise.all(
      executions.map(async ({ executionArn, name = '' }) => {
        const { input, startDate } = await client.send(new DescribeExecutionCommand({ executionArn }))
        const at = Number(startDate)
        return { at, machine: kind, name, input: JSON.parse(String(input)) as unknown }
      }),
    )
  }

  return {
    executions: createStepFunctions({ client, machines, linkPrefix: '' }),
    started: async () => {
      const all = (await Promise.all(kinds.map(startedOf))).flat()
      const inOrder = all.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
      return inOrder.map(({ machine, name, input }) => ({ machine, name, input }))
    },
    finish: async (machine, name) => {
      const executionArn = `${machines[machine].replace(':stateMachine:', ':execution:')}:${name}`
      await client.send(new StopExecutionCommand({ executionArn }))
    },
    wait: async () => {
      const stored = Promise.withResolvers<string>()
      tokens.push(stored)
      const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn: WAITER }))
      ends.set(executionArn, Promise.withResolvers<void>())
      const token = await stored.promise
      waiters.set(token, executionArn)
      return token
    },
    wentOn: async (token) => {
      const executionArn = waiters.get(token)
      await ends.get(executionArn ?? '')?.promise
      const { status, output } = await client.send(new DescribeExecutionCommand({ executionArn }))
      expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: '{}' })
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.close()
    },
  }
}

function still(name: string, arn: string): MachineSource {
  const states = { Still: { Type: 'Wait', Seconds: 3_600, End: true } }
  return { arn, name, type: 'STANDARD', definition: definition('Still', states) }
}

function waiter(): MachineSource {
  const task = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken',
    Arguments: { Token: '{% $states.context.Task.Token %}' },
    TimeoutSeconds: 600,
    End: true,
  }
  return { arn: WAITER, name: 'waiter', type: 'STANDARD', definition: definition('Task', { Task: task }) }
}

const definition = (StartAt: string, States: object): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States })
