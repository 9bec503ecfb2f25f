import { expect, test } from 'vitest'
import { reaches } from './support/reach.ts'
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
const awaken = 'states:SendTaskSuccess'
const parameter = 'ssm:GetParameter'
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
    [...log, ...decide, start, awaken, 'states:SendTaskHeartbeat', parameter, 'ssm:PutParameter'],
  ],
  ['drydock-poll', [...log, ...read]],
  ['drydock-authorize', [...log, 'dynamodb:GetItem', parameter]],
  ['drydock-decide', [...log, ...decide, start, awaken]],
  ['drydock-activate', [...log, ...decide, start, awaken, parameter]],
  ['drydock-destroy', [...log, ...read, parameter]],
  ['drydock-finalize', [...log, ...decide, start, awaken]],
  ['drydock-follow', [...log, ...read, 'dynamodb:PutItem', 'dynamodb:UpdateItem', awaken, parameter]],
  ['drydock-clean', [...log, ...decide, start, awaken, parameter]],
  ['drydock-probe', [...log, ...decide, start, awaken, parameter]],
  ['drydock-sweep', [...log, ...decide, start, awaken]],
  ['drydock-audit', [...log, ...decide, start, awaken]],
  ['drydock-repair', [...log, ...decide, start, awaken]],
  ['drydock-issue-token', [...log, 'dynamodb:PutItem']],
  ['drydock-lease', [...logDelivery, 'lambda:InvokeFunction', 'dynamodb:UpdateItem']],
  ['drydock-command', [...logDelivery, 'lambda:InvokeFunction']],
  ['drydock-slot', [...logDelivery, 'lambda:InvokeFunction']],
  ['drydock-host', [...logDelivery, 'lambda:InvokeFunction']],
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

test('only the log delivery of the machines, which knows no resources, names no resource', () => {
  const unbounded = statements.filter(({ resources }) => JSON.stringify(resources).includes('*'))

  expect(unbounded.map(({ role }) => role).toSorted()).toEqual([
    'drydock-command',
    'drydock-host',
    'drydock-lease',
    'drydock-slot',
  ])
  for (const { actions } of unbounded) expect(actions.toSorted()).toEqual(logDelivery)
})

const machineOf = (arn: unknown) => /stateMachine:([a-z-]+)/.exec(JSON.stringify(arn))?.[1]
const machines: readonly [role: string, machines: readonly string[]][] = [
  ['drydock-api', ['drydock-command', 'drydock-host', 'drydock-lease', 'drydock-slot']],
  ['drydock-decide', ['drydock-host', 'drydock-slot']],
  ['drydock-activate', ['drydock-host', 'drydock-slot']],
  ['drydock-finalize', ['drydock-command', 'drydock-slot']],
  ['drydock-audit', ['drydock-slot']],
  ['drydock-sweep', ['drydock-command', 'drydock-host', 'drydock-lease', 'drydock-slot']],
  ['drydock-repair', ['drydock-command', 'drydock-host', 'drydock-lease', 'drydock-slot']],
]

test.each(machines)('%s starts executions of these machines only', (role, names) => {
  const resources = roles[role]
    ?.filter(({ actions }) => actions.includes(start))
    .flatMap((statement) => statement.resources.map(machineOf))

  expect(resources?.toSorted()).toEqual(names)
})

const parameters: readonly [role: string, names: readonly string[]][] = [
  ['drydock-api', ['drydock/lease-token-key']],
  ['drydock-authorize', ['drydock/issuers']],
  ['drydock-activate', ['drydock/ssh-key']],
  ['drydock-destroy', ['drydock/ssh-key']],
  ['drydock-follow', ['drydock/ssh-key']],
  ['drydock-clean', ['drydock/ssh-key']],
  ['drydock-probe', ['drydock/ssh-key']],
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
  cleanSlot: 'states:StartExecution drydock-slot',
  probeHost: 'states:StartExecution drydock-host',
  awaken: 'states:SendTaskSuccess drydock-lease',
  heartbeat: 'states:SendTaskHeartbeat drydock-lease',
} as const
const reached = await reaches()

test.each([...reached])('%s may do whatever its code can ask for', (name, { executions, reads, writes }) => {
  const needs = [...executions, ...reads, ...writes].map((verb) => needed[verb])

  const granted = new Set(roles[`drydock-${name}`]?.flatMap(grantsOf))

  expect(needs.filter((need) => !granted.has(need))).toEqual([])
})

test('everything that code can ask for is asked for by some function', () => {
  const asked = [...reached.values()].flatMap((each) => [...each.executions, ...each.reads, ...each.writes])

  expect([...new Set(asked)].toSorted()).toEqual(Object.keys(needed).toSorted())
})

function grantsOf({ actions, resources }: Statement): readonly string[] {
  return actions.flatMap((action) => [action, ...resources.map((arn) => `${action} ${machineOf(arn) ?? ''}`)])
}
