import { fakeAssembly } from './assembly.ts'
import type { FakeAssembly } from './assembly.ts'

const authorizer = `
export const handler = async ({ headers }) => ({
  isAuthorized: headers.authorization === 'Bearer good',
  context: { caller: 'ci' },
})
`

/** Starts an execution whose steps say hello and write it down; reads what is written; counts what the clock sends. */
const greeter = `
const call = async (service, target, version, input) => {
  const response = await fetch(process.env['AWS_ENDPOINT_URL_' + service], {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-' + version,
      'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/any/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(input),
  })
  const body = await response.json()
  if (!response.ok) throw new Error(JSON.stringify(body))
  return body
}

export const greet = async ({ name }) => {
  if (name === 'nobody') throw Object.assign(new Error('nobody is here'), { name: 'NobodyHere' })
  const { Parameter } = await call('SSM', 'AmazonSSM.GetParameter', '1.1', { Name: '/greeter/word', WithDecryption: true })
  return Parameter.Value + ' ' + name
}

export const api = async ({ routeKey, body, pathParameters, requestContext }) => {
  if (routeKey === 'POST /greetings') {
    const { name } = JSON.parse(body)
    await call('SFN', 'AWSStepFunctions.StartExecution', '1.0', {
      stateMachineArn: process.env.MACHINE,
      name,
      input: JSON.stringify({ name }),
    })
    return { statusCode: 202, body: requestContext.authorizer.lambda.caller }
  }
  const { Item } = await call('DYNAMODB', 'DynamoDB_20120810.GetItem', '1.0', {
    TableName: process.env.TABLE,
    Key: { PK: { S: pathParameters.name } },
    ConsistentRead: true,
  })
  return Item ? { statusCode: 200, body: Item.greeting.S } : { statusCode: 404 }
}

export const failed = async ({ detail }) => {
  await call('DYNAMODB', 'DynamoDB_20120810.PutItem', '1.0', {
    TableName: process.env.TABLE,
    Item: { PK: { S: 'failed' }, greeting: { S: detail.name + ' ' + detail.error } },
  })
}

export const where = async () => ({ api: process.env.API, table: process.env.TABLE })
`

const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] })

function lambda(asset: string, handler: string, variables: Readonly<Record<string, unknown>> = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: handler,
      Timeout: 10,
      Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
      Environment: { Variables: variables },
    },
  }
}

function route(key: string) {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: key,
      Target: { 'Fn::Sub': 'integrations/${Integration}' },
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: 'Guard' },
    },
  }
}

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Greet',
  States: {
    Greet: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: '${greet}', Payload: '{% $states.input %}' },
      Assign: { greeting: '{% $states.result.Payload %}' },
      Output: '{% $states.input %}',
      Next: 'Linger',
    },
    Linger: {
      Type: 'Wait',
      Seconds: '{% $exists($states.input.seconds) ? $states.input.seconds : 0 %}',
      Next: 'Write',
    },
    Write: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem',
      Arguments: {
        TableName: '${table}',
        Key: { PK: { S: '{% $states.input.name %}' } },
        UpdateExpression: 'SET greeting = :g',
        ExpressionAttributeValues: { ':g': { S: '{% $greeting %}' } },
      },
      End: true,
    },
  },
}

/**
 * A small app in two stacks: an HTTP API whose `POST /greetings` starts a state machine that greets and writes the
 * greeting to a table, `GET /greetings/{name}` reads it, and a rule on failed executions writes who failed.
 */
export function greeterAssembly(): FakeAssembly {
  return fakeAssembly({
    assets: { authorizer: { 'index.mjs': authorizer }, greeter: { 'index.mjs': greeter } },
    stacks: {
      Data: {
        Resources: {
          Table: {
            Type: 'AWS::DynamoDB::Table',
            Properties: {
              AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
              KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
              BillingMode: 'PAY_PER_REQUEST',
              TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
            },
          },
        },
        Outputs: { Table: { Value: { Ref: 'Table' }, Export: { Name: 'table' } } },
      },
      App: {
        Resources: {
          GuardFunction: lambda('authorizer', 'index.handler'),
          Greet: lambda('greeter', 'index.greet'),
          Serve: lambda('greeter', 'index.api', {
            MACHINE: { Ref: 'Machine' },
            TABLE: { 'Fn::ImportValue': 'table' },
          }),
          Failed: lambda('greeter', 'index.failed', { TABLE: { 'Fn::ImportValue': 'table' } }),
          Where: lambda('greeter', 'index.where', {
            API: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
            TABLE: { 'Fn::ImportValue': 'table' },
          }),
          Machine: {
            Type: 'AWS::StepFunctions::StateMachine',
            Properties: {
              RoleArn: 'role',
              DefinitionString: JSON.stringify(definition),
              DefinitionSubstitutions: { greet: arnOf('Greet'), table: { 'Fn::ImportValue': 'table' } },
            },
          },
          OnFailure: {
            Type: 'AWS::Events::Rule',
            Properties: {
              EventPattern: {
                source: ['aws.states'],
                detail: { status: ['FAILED'], stateMachineArn: [{ Ref: 'Machine' }] },
              },
              Targets: [{ Id: 'one', Arn: arnOf('Failed') }],
            },
          },
          Minutely: {
            Type: 'AWS::Scheduler::Schedule',
            Properties: {
              ScheduleExpression: 'rate(1 minute)',
              Target: { Arn: { Ref: 'Machine' }, Input: '{"name":"minute"}' },
            },
          },
          Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
          Stage: {
            Type: 'AWS::ApiGatewayV2::Stage',
            Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
          },
          Integration: {
            Type: 'AWS::ApiGatewayV2::Integration',
            Properties: {
              ApiId: { Ref: 'Api' },
              IntegrationType: 'AWS_PROXY',
              IntegrationUri: arnOf('Serve'),
              PayloadFormatVersion: '2.0',
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
                  'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${GuardFunction.Arn}/invocations',
              },
              AuthorizerResultTtlInSeconds: 10,
              EnableSimpleResponses: true,
              IdentitySource: ['$request.header.Authorization'],
            },
          },
          Create: route('POST /greetings'),
          Read: route('GET /greetings/{name}'),
        },
        Outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
      },
    },
  })
}
