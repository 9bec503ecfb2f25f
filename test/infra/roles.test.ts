import { expect, test } from 'vitest'
import { reaches } from './support/reach.ts'
import type { Reach } from './support/reach.ts'
import { statementsByRole } from './support/roles.ts'
import type { Statement } from './support/roles.ts'
import { synthesized } from './support/synthesized.ts'

const log = ['logs:CreateLogStream', 'logs:PutLogEvents']
const read = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']
const decide = [
  ...read,
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
]
const start = 'states:StartExecution'
const describe = 'states:DescribeExecution'
const awaken = 'states:SendTaskSuccess'
const parameter = 'ssm:GetParameter'
// Of the document, and of the machines that it may run on.
const runs = ['ssm:SendCommand', 'ssm:SendCommand', 'ssm:GetCommandInvocation']
const logDelivery = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
]

const allowed: readonly [role: string, actions: readonly string[]][] = [
  [
    'drydock-api',
    [...log, ...decide, start, describe, awaken, 'states:SendTaskHeartbeat', parameter, 'ssm:PutParameter'],
  ],
  ['drydock-poll', [...log, ...read]],
  ['drydock-authorize', [...log, 'dynamodb:GetItem', parameter]],
  ['drydock-decide', [...log, ...decide, start, describe, awaken]],
  ['drydock-activate', [...log, ...decide, start, describe, awaken, parameter, ...runs]],
  ['drydock-destroy', [...log, ...read, parameter, ...runs]],
  ['drydock-finalize', [...log, ...decide, start, describe, awaken]],
  [
    'drydock-follow',
    [
      ...log,
      ...read,
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      awaken,
      parameter,
      ...runs,
    ],
  ],
  [
    'drydock-land',
    [...log, ...decide, start, describe, awaken, 'states:SendTaskHeartbeat', parameter, 'ssm:PutParameter'],
  ],
  [
    'drydock-land-at-host',
    [...log, ...decide, start, describe, awaken, 'states:SendTaskHeartbeat', parameter, ...runs],
  ],
  ['drydock-clean', [...log, ...decide, start, describe, awaken, parameter, ...runs]],
  ['drydock-probe', [...log, ...decide, start, describe, awaken, parameter, ...runs]],
  ['drydock-sweep', [...log, ...decide, start, describe, awaken]],
  ['drydock-audit', [...log, ...decide, start, describe, awaken]],
  ['drydock-repair', [...log, ...decide, start, describe, awaken]],
  [
    'drydock-drive-build',
    [...log, ...decide, start, describe, awaken, 'states:SendTaskHeartbeat', parameter, 'ssm:PutParameter'],
  ],
  [
    'drydock-notify',
    [
      ...log,
      'dynamodb:BatchGetItem',
      'dynamodb:DeleteItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      parameter,
    ],
  ],
  ['drydock-issue-token', [...log, 'dynamodb:PutItem']],
  ['drydock-lease', [...logDelivery, 'lambda:InvokeFunction', 'dynamodb:UpdateItem']],
  ['drydock-command', [...logDelivery, 'lambda:InvokeFunction']],
  ['drydock-slot', [...logDelivery, 'lambda:InvokeFunction']],
  ['drydock-host', [...logDelivery, 'lambda:InvokeFunction']],
  ['drydock-landing', [...logDelivery, 'lambda:InvokeFunction', 'dynamodb:UpdateItem']],
  ['drydock-build', [...logDelivery, 'lambda:InvokeFunction', 'dynamodb:UpdateItem', 'events:PutEvents']],
]

const roles = statementsByRole(synthesized().service)
const statements = Object.entries(roles).flatMap(([role, of]) => of.map((each) => ({ role, ...each })))

test.each(allowed)('%s may do this and nothing else', (role, actions) => {
  const found = roles[role]?.flatMap((statement) => statement.actions).toSorted()

  expect(found).toEqual(actions.toSorted())
})

test('there is no other role', () => {
  const expected = allowed.map(([role]) => role).toSorted()

  expect(Object.keys(roles).toSorted()).toEqual(expected)
})

test('no action is a pattern', () => {
  const patterns = statements.filter(({ actions }) => actions.some((action) => action.includes('*')))

  expect(patterns).toEqual([])
})

const reachHosts = ['activate', 'clean', 'destroy', 'follow', 'land-at-host', 'probe'].map(
  (name) => `drydock-${name}`,
)

test('hosts are sent our document and no other, and only where they are marked as hosts', () => {
  const sending = statements.filter(({ actions }) => actions.includes('ssm:SendCommand'))

  const documents = sending.filter(({ condition }) => condition === undefined)
  const machines = sending.filter(({ condition }) => condition !== undefined)
  expect(new Set(sending.map(({ role }) => role))).toEqual(new Set(reachHosts))
  expect(documents).toHaveLength(reachHosts.length)
  for (const { resources } of documents) {
    expect(JSON.stringify(resources)).toMatch(/:document\/",\{"Ref":"HostDocument[^*]*$/)
  }
  for (const { condition, resources } of machines) {
    expect(condition).toEqual({ StringEquals: { 'ssm:resourceTag/drydock-host': 'true' } })
    expect(JSON.stringify(resources)).toMatch(/:instance\/\*"\]\]\},.*:managed-instance\/\*"\]\]\}\]$/)
  }
})

test('only what knows no resources names none: log delivery of the machines, and looking for results', () => {
  const unbounded = statements.filter(
    ({ actions, resources, condition }) =>
      condition === undefined && !actions.includes(describe) && JSON.stringify(resources).includes('*'),
  )
  const looking = unbounded.filter(({ actions }) => actions.includes('ssm:GetCommandInvocation'))
  const rest = unbounded.filter((each) => !looking.includes(each))

  expect(looking.map(({ role }) => role).toSorted()).toEqual(reachHosts)
  for (const { actions } of looking) expect(actions).toEqual(['ssm:GetCommandInvocation'])
  expect(rest.map(({ role }) => role).toSorted()).toEqual([
    'drydock-build',
    'drydock-command',
    'drydock-host',
    'drydock-landing',
    'drydock-lease',
    'drydock-slot',
  ])
  for (const { actions } of rest) expect(actions.toSorted()).toEqual(logDelivery)
})

test('whoever starts executions of a machine may look whether a name of its executions was used', () => {
  for (const [role] of machines) {
    const of = (action: string) =>
      roles[role]
        ?.filter(({ actions }) => actions.includes(action))
        .flatMap(({ resources }) => resources.map(machineOf))
    const looked = of(describe)

    expect(looked).toEqual(of(start))
  }
})

const machineOf = (arn: unknown) => /(?:stateMachine|execution):([a-z-]+)/.exec(JSON.stringify(arn))?.[1]
const EVERY = ['build', 'command', 'host', 'landing', 'lease', 'slot'].map((name) => `drydock-${name}`)
const machines: readonly [role: string, machines: readonly string[]][] = [
  ['drydock-api', EVERY],
  ['drydock-decide', ['drydock-host', 'drydock-slot']],
  ['drydock-activate', ['drydock-host', 'drydock-slot']],
  ['drydock-finalize', ['drydock-command', 'drydock-slot']],
  ['drydock-audit', ['drydock-slot']],
  ['drydock-sweep', EVERY],
  ['drydock-repair', EVERY],
  ['drydock-drive-build', EVERY.filter((name) => name !== 'drydock-landing')],
  ['drydock-land', ['drydock-command', 'drydock-host', 'drydock-lease', 'drydock-slot']],
  ['drydock-land-at-host', ['drydock-host', 'drydock-slot']],
]

test.each(machines)('%s starts executions of these machines only', (role, names) => {
  const resources = roles[role]
    ?.filter(({ actions }) => actions.includes(start))
    .flatMap((statement) => statement.resources.map(machineOf))

  expect(resources?.toSorted()).toEqual(names)
})

const parameters: readonly [role: string, names: readonly string[]][] = [
  ['drydock-api', ['drydock/lease-token-key', 'drydock/secret-key']],
  ['drydock-authorize', ['drydock/issuers']],
  ['drydock-activate', ['drydock/ssh-key']],
  ['drydock-destroy', ['drydock/ssh-key']],
  ['drydock-follow', ['drydock/secret-key', 'drydock/ssh-key']],
  ['drydock-land', ['drydock/lease-token-key']],
  ['drydock-land-at-host', ['drydock/ssh-key']],
  ['drydock-clean', ['drydock/ssh-key']],
  ['drydock-probe', ['drydock/ssh-key']],
  ['drydock-drive-build', ['drydock/lease-token-key']],
  ['drydock-notify', ['drydock/webhook-secrets']],
]

test.each(parameters)('%s reaches these parameters only', (role, names) => {
  const resources = roles[role]
    ?.flatMap((statement) => statement.resources)
    .map((arn) => /:parameter\/([a-z/-]+)/.exec(JSON.stringify(arn))?.[1])
    .filter((name) => name !== undefined)

  expect(resources).toEqual(names)
})

const needed = {
  get: 'dynamodb:GetItem',
  getAll: 'dynamodb:BatchGetItem',
  query: 'dynamodb:Query',
  put: 'dynamodb:PutItem',
  update: 'dynamodb:UpdateItem',
  delete: 'dynamodb:DeleteItem',
  check: 'dynamodb:ConditionCheckItem',
  ensureLease: 'states:StartExecution drydock-lease',
  ensureCommand: 'states:StartExecution drydock-command',
  ensureLanding: 'states:StartExecution drydock-landing',
  ensureBuild: 'states:StartExecution drydock-build',
  cleanSlot: 'states:StartExecution drydock-slot',
  probeHost: 'states:StartExecution drydock-host',
  awaken: 'states:SendTaskSuccess drydock-lease',
  heartbeat: 'states:SendTaskHeartbeat drydock-lease',
  SendCommand: 'ssm:SendCommand',
  GetCommandInvocation: 'ssm:GetCommandInvocation',
} as const
const reached = await reaches()

test.each([...reached])('%s may do whatever its code can ask for', (name, reach) => {
  const needs: readonly string[] = asksOf(reach).map((verb) => needed[verb])

  const granted = new Set(roles[`drydock-${name}`]?.flatMap(grantsOf))

  expect(needs.filter((need) => !granted.has(need))).toEqual([])
})

test('whoever awakens a lease awakens a build', () => {
  const granted = Object.values(roles).map((of) => new Set(of.flatMap(grantsOf)))

  const one = granted.filter((grants) => grants.has(needed.awaken))

  expect(one.length).toBeGreaterThan(5)
  expect(one.every((grants) => grants.has('states:SendTaskSuccess drydock-build'))).toBe(true)
})

test('everything that code can ask for is asked for by some function', () => {
  const asked = [...reached.values()].flatMap(asksOf)

  expect([...new Set(asked)].toSorted()).toEqual(Object.keys(needed).toSorted())
})

function asksOf({ executions, reads, writes, commands }: Reach): readonly (keyof typeof needed)[] {
  return [...executions, ...reads, ...writes, ...commands]
}

function grantsOf({ actions, resources }: Statement): readonly string[] {
  return actions.flatMap((action) => [action, ...resources.map((arn) => `${action} ${machineOf(arn) ?? ''}`)])
}
