import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamoDbIntegrations } from '../../../infra/local/stepfunctions/integrations/dynamodb.ts'
import { startDynamo } from '../../support/dynamodb.ts'
import { machine, tokenTask } from './support/machine.ts'
import { service } from './support/service.ts'

const Key = { PK: { S: 'L#one' }, SK: { S: 'META' } }
const storing = machine({
  A: tokenTask({
    Arguments: {
      TableName: 'leases',
      Key,
      UpdateExpression: 'SET taskToken = :token',
      ConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':token': { S: '{% $states.context.Task.Token %}' },
        ':status': { S: '{% $states.input.status %}' },
      },
    },
    End: true,
  }),
})

let database: Awaited<ReturnType<typeof startDynamo>>
let client: DynamoDBClient

beforeAll(async () => {
  database = await startDynamo()
  client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  await client.send(
    new CreateTableCommand({
      TableName: 'leases',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['PK', 'SK'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'PK', KeyType: 'HASH' },
        { AttributeName: 'SK', KeyType: 'RANGE' },
      ],
    }),
  )
  await client.send(new PutItemCommand({ TableName: 'leases', Item: { ...Key, status: { S: 'pending' } } }))
})

afterAll(async () => {
  client.destroy()
  await database.stop()
})

test('the state stores its token in the table, and the token from the table awakens it', async () => {
  await using local = await service(storing, { sdkIntegrations: dynamoDbIntegrations(client) })
  const arn = await local.start({ status: 'pending' })

  const taskToken = await tokenInTable()
  await local.client.send(new SendTaskSuccessCommand({ taskToken, output: '"awake"' }))
  const end = await local.ended(arn)

  expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"awake"' })
})

test('a condition that does not hold fails the state by the name that the service uses', async () => {
  await using local = await service(storing, { sdkIntegrations: dynamoDbIntegrations(client) })

  const end = await local.ended(await local.start({ status: 'active' }))

  expect(end).toMatchObject({ status: 'FAILED', error: 'DynamoDb.ConditionalCheckFailedException' })
})

async function tokenInTable(): Promise<string> {
  for (;;) {
    const { Item } = await client.send(new GetItemCommand({ TableName: 'leases', Key, ConsistentRead: true }))
    if (Item?.taskToken?.S !== undefined) return Item.taskToken.S
  }
}
