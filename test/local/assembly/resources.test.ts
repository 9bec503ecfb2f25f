import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadAssembly } from '../../../infra/local/assembly/load.ts'
import { fakeAssembly } from '../support/assembly.ts'

const place = { region: 'eu-west-1', account: '111122223333' }
const arn = (rest: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${rest}`
const greet = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { S3Bucket: 'any', S3Key: 'code.zip' },
  },
}

test('a function has its code directory, its limits and the defaults of Lambda', () => {
  using assembly = app({ Greet: greet })

  const { functions } = load(assembly)

  expect(functions).toEqual([
    {
      stackName: 'App',
      logicalId: 'Greet',
      name: 'App-Greet',
      arn: arn('App-Greet'),
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      codeDirectory: join(assembly.directory, 'asset.code'),
      timeoutSeconds: 3,
      memoryMegabytes: 128,
      environment: {},
      retryAttempts: 2,
      maximumEventAgeSeconds: 21_600,
    },
  ])
})

test('a function gets environment, concurrency and the retries of its invoke configuration', () => {
  using assembly = app({
    Greet: {
      ...greet,
      Properties: {
        ...greet.Properties,
        ReservedConcurrentExecutions: 4,
        Environment: { Variables: { TABLE: { Ref: 'Table' }, N: 1 } },
      },
    },
    Invokes: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Greet' }, MaximumRetryAttempts: 0, Qualifier: '$LATEST' },
    },
    Table: { Type: 'AWS::DynamoDB::Table' },
  })

  const { functions } = load(assembly)

  expect(functions[0]).toMatchObject({
    reservedConcurrency: 4,
    environment: { TABLE: 'App-Table', N: '1' },
    retryAttempts: 0,
  })
})

test('a name too long for the service is cut, ends in a hash and stays the same', () => {
  const id = 'x'.repeat(90)
  using assembly = app({ [id]: greet })

  const names = [load(assembly), load(assembly)].map(({ functions }) => functions[0]?.name)

  expect(names[0]).toMatch(/^App-x{49}-[0-9a-z]{10}$/)
  expect(names[1]).toBe(names[0])
})

test('a table is described as CreateTable wants it, on demand', () => {
  using assembly = app({
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'all',
            KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
      },
    },
  })

  const { tables } = load(assembly)

  expect(tables[0]?.timeToLiveAttribute).toBe('ttl')
  expect(tables[0]?.definition).toEqual({
    TableName: 'App-Table',
    AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'all',
        KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  })
})

test.each([
  ['a text', { DefinitionString: { 'Fn::Sub': '{"fn":"${Greet.Arn}"}' } }],
  ['an object', { Definition: { fn: { 'Fn::GetAtt': ['Greet', 'Arn'] } } }],
  [
    'a text with substitutions',
    {
      DefinitionString: '{"fn":"${fn}"}',
      DefinitionSubstitutions: { fn: { 'Fn::GetAtt': ['Greet', 'Arn'] } },
    },
  ],
])('a state machine has its resolved definition, given as %s', (_, properties) => {
  using assembly = app({
    Greet: greet,
    Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { RoleArn: 'role', ...properties } },
  })

  const { stateMachines } = load(assembly)

  expect(stateMachines[0]).toMatchObject({
    arn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:App-Machine',
    type: 'STANDARD',
    definition: JSON.stringify({ fn: arn('App-Greet') }),
  })
})

test('an HTTP API has its routes with function, timeout and authorizer', () => {
  using assembly = app({
    Greet: greet,
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
    Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Api' }, StageName: '$default' } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Greet', 'Arn'] },
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 900,
      },
    },
    Guard: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'Api' },
        Name: 'guard',
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        AuthorizerUri: {
          'Fn::Sub':
            'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Greet.Arn}/invocations',
        },
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization'],
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: 'GET /x/{id}',
        Target: { 'Fn::Sub': 'integrations/${Integration}' },
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: 'Guard' },
      },
    },
  })

  const { httpApis } = load(assembly)

  expect(httpApis[0]?.stage).toEqual({ name: '$default', variables: {} })
  expect(httpApis[0]?.routes).toEqual([
    {
      key: 'GET /x/{id}',
      functionArn: arn('App-Greet'),
      timeoutMilliseconds: 900,
      authorizer: {
        id: expect.stringMatching(/^[0-9a-z]{10}$/),
        name: 'guard',
        functionArn: arn('App-Greet'),
        identitySources: ['$request.header.Authorization'],
        resultTtlSeconds: 0,
      },
    },
  ])
})

test('schedules, event rules and stored parameters are listed', () => {
  const target = { Arn: { 'Fn::GetAtt': ['Greet', 'Arn'] }, Input: '{"a":1}' }
  using assembly = app({
    Greet: greet,
    Nightly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: { ScheduleExpression: 'rate(1 minute)', Target: target },
    },
    Failed: {
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern: { source: ['aws.states'] }, Targets: [target] },
    },
    Setting: {
      Type: 'AWS::SSM::Parameter',
      Properties: { Name: '/a', Type: 'String', Value: { Ref: 'Greet' } },
    },
  })

  const { schedules, eventRules, parameters } = load(assembly)

  const expected = { arn: arn('App-Greet'), input: '{"a":1}' }
  expect(schedules[0]).toMatchObject({
    expression: 'rate(1 minute)',
    timezone: 'UTC',
    enabled: true,
    target: expected,
  })
  expect(eventRules[0]).toMatchObject({
    bus: 'default',
    pattern: { source: ['aws.states'] },
    targets: [expected],
  })
  expect(parameters[0]).toMatchObject({ name: '/a', value: 'App-Greet' })
})

test('a function whose code is nowhere is refused by name', () => {
  using assembly = fakeAssembly({ stacks: { App: { Resources: { Greet: greet } } } })

  const act = () => load(assembly)

  expect(act).toThrow('App/Greet: no asset manifest names the code code.zip')
})

function app(resources: Readonly<Record<string, object>>) {
  return fakeAssembly({ stacks: { App: { Resources: resources } }, assets: { code: { 'index.mjs': '' } } })
}

function load({ directory }: { directory: string }) {
  return loadAssembly(directory, place)
}
