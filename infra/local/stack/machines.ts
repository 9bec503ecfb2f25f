import type { StateMachineResource } from '../assembly/types.ts'
import type { Emitted } from '../events/bus.ts'
import type { Callees, MachineSource, StatusChange } from '../stepfunctions/server.ts'

export function toMachine({ arn, name, type, definition }: StateMachineResource): MachineSource {
  if (type !== 'STANDARD') throw new Error(`state machine ${name}: only STANDARD is supported, not ${type}`)
  return { arn, name, type, definition }
}

export function statusEvent(change: StatusChange): Emitted {
  const detail = {
    ...change,
    inputDetails: { ...change.inputDetails },
    outputDetails: change.outputDetails && { ...change.outputDetails },
  }
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    detail,
    resources: [change.executionArn],
  }
}

type Integrations = Callees['sdkIntegrations']

/** Loads the SDK while the services start, and waits for it and the table's endpoint at the first call only. */
export function tableIntegrations(settings: {
  readonly endpoint: Promise<string>
  readonly region: string
  readonly credentials: Readonly<Record<string, string>>
}): { readonly calls: Integrations; close(): Promise<void> } {
  const opened = open(settings)
  // Whoever calls sees the failure; without a call nobody needs to.
  opened.catch(() => undefined)
  return {
    calls: {
      'dynamodb:updateItem': async (parameters) =>
        (await opened).integrations['dynamodb:updateItem'](parameters),
    },
    async close() {
      const result = await opened.catch(() => undefined)
      result?.client.destroy()
    },
  }
}

async function open({ endpoint, region, credentials }: Parameters<typeof tableIntegrations>[0]) {
  const [{ DynamoDBClient }, { dynamoDbIntegrations }, url] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../stepfunctions/integrations/dynamodb.ts'),
    endpoint,
  ])
  const client = new DynamoDBClient({
    endpoint: url,
    region,
    credentials: {
      accessKeyId: credentials['AWS_ACCESS_KEY_ID'] ?? 'local',
      secretAccessKey: credentials['AWS_SECRET_ACCESS_KEY'] ?? 'local',
      ...(credentials['AWS_SESSION_TOKEN'] && { sessionToken: credentials['AWS_SESSION_TOKEN'] }),
    },
  })
  return { client, integrations: dynamoDbIntegrations(client) }
}
