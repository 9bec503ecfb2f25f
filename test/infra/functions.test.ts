import { existsSync } from 'node:fs'
import { Match } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { FUNCTIONS, INTEGRATION_TIMEOUT_SECONDS } from '../../infra/settings.ts'
import { environments } from '../../lib/contract/environment.ts'
import type { FunctionName } from '../../lib/contract/environment.ts'
import { synthesized } from './support/synthesized.ts'

const { service, assembly } = synthesized()
const names = Object.keys(environments) as FunctionName[]
const kindOf = (machine: string) => machine.replace('drydock-', '').toUpperCase()
const deployed = (name: FunctionName) => assembly.functions.find((each) => each.name === `drydock-${name}`)

test('every function of the contract is deployed, and no other', () => {
  const found = assembly.functions.map(({ name }) => name).toSorted()

  expect(found).toEqual(names.map((name) => `drydock-${name}`).toSorted())
})

test.each(names)('%s has an entry file', (name) => {
  const entry = new URL(`../../functions/${name}.ts`, import.meta.url)

  expect(existsSync(entry)).toBe(true)
})

test.each(names)('%s finds exactly the environment that it parses', (name) => {
  const schema = environments[name].strict()

  const parsed = schema.safeParse(deployed(name)?.environment)

  expect(parsed.error).toBeUndefined()
})

test('functions know the machines by the names that the machines have', () => {
  const environment = Object.entries(deployed('sweep')?.environment ?? {})

  const known = environment.filter(([name]) => name.endsWith('_MACHINE_ARN'))

  const machines = assembly.stateMachines.map(({ name, arn }) => [`${kindOf(name)}_MACHINE_ARN`, arn])
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(machines))
})

test("an execution's ARN appended to the prefix is its page in the console", () => {
  const prefix = deployed('api')?.environment['EXECUTION_LINK_PREFIX']

  expect(prefix).toBe(
    'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/',
  )
})

test('without a console, leases have no link to it', () => {
  const { assembly: unlinked } = synthesized({ consoleLinks: false })

  const prefixes = unlinked.functions.map(({ environment }) => environment['EXECUTION_LINK_PREFIX'])

  expect(prefixes.filter((prefix) => prefix !== undefined)).toEqual(['', ''])
})

test('a function on the way of a request ends before the API gives up', () => {
  for (const name of ['api', 'poll', 'authorize'] as const) {
    expect(FUNCTIONS[name].timeoutSeconds).toBeLessThan(INTEGRATION_TIMEOUT_SECONDS)
  }
})

test('long polls have a concurrency of their own', () => {
  const limited = assembly.functions.filter(({ reservedConcurrency }) => reservedConcurrency !== undefined)

  expect(limited.map(({ name, reservedConcurrency }) => ({ name, reservedConcurrency }))).toEqual([
    { name: 'drydock-poll', reservedConcurrency: 50 },
  ])
})

test('every function runs on Node 24 on arm64 and logs for a month into a group of its own', () => {
  service.allResourcesProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    LoggingConfig: { LogGroup: { Ref: Match.anyValue() } },
  })
  service.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })

  expect(assembly.functions.map(({ runtime }) => runtime)).toEqual(names.map(() => 'nodejs24.x'))
})
