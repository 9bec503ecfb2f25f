import { expect, test } from 'vitest'
import { routes } from '../../lib/contract/routes.ts'
import { synthesized } from './support/synthesized.ts'

const { service, assembly } = synthesized()
const [api] = assembly.httpApis
const nameOf = (arn: string | undefined) => arn?.slice(arn.lastIndexOf(':') + 1)

test('the API has the routes of the table, each with the function that serves it', () => {
  const found = api?.routes.map(({ key, functionArn }) => `${key} -> ${nameOf(functionArn)}`)

  const expected = Object.values(routes).map(
    ({ method, path, served }) => `${method} ${path} -> drydock-${served}`,
  )
  const anythingElse = '$default -> drydock-api'
  expect(found?.toSorted()).toEqual([...expected, anythingElse].toSorted())
})

test('nobody passes a route without the authorizer, which is asked each time', () => {
  const authorizers = new Set(api?.routes.map(({ authorizer }) => JSON.stringify(authorizer)))

  expect(authorizers.size).toBe(1)
  expect(api?.routes[0]?.authorizer).toMatchObject({ identitySources: [], resultTtlSeconds: 0 })
  expect(nameOf(api?.routes[0]?.authorizer?.functionArn)).toBe('drydock-authorize')
})

test('an integration answers before an HTTP API gives up', () => {
  const timeouts = api?.routes.map(({ timeoutMilliseconds }) => timeoutMilliseconds) ?? []

  expect(Math.max(...timeouts)).toBeLessThan(30_000)
})

test('the stage is throttled, and its log names no header, query or principal', () => {
  const [stage] = Object.values(service.findResources('AWS::ApiGatewayV2::Stage'))
  const { DefaultRouteSettings, AccessLogSettings } = stage?.['Properties'] ?? {}

  const fields: readonly string[] = Object.values(JSON.parse(AccessLogSettings.Format))

  expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 500 })
  expect(fields.toSorted()).toEqual([
    '$context.authorizer.error',
    '$context.identity.sourceIp',
    '$context.integrationErrorMessage',
    '$context.path',
    '$context.requestId',
    '$context.requestTimeEpoch',
    '$context.responseLatency',
    '$context.responseLength',
    '$context.routeKey',
    '$context.status',
  ])
})

test('the API may call each of its functions by one permission', () => {
  const permissions = Object.values(service.findResources('AWS::Lambda::Permission'))
    .map(({ Properties }) => Properties)
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')

  expect(permissions).toHaveLength(3)
})

test('the outputs name what an operator needs first', () => {
  expect(assembly.outputs['Drydock']).toEqual({
    ApiUrl: api?.endpoint,
    TableName: assembly.tables[0]?.name,
    LeaseMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-lease',
    CommandMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-command',
    SlotMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-slot',
    HostMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-host',
    LandingMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-landing',
    BuildMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:drydock-build',
    BusName: 'drydock',
    IssueTokenFunction: 'drydock-issue-token',
  })
})
