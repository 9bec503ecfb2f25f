import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

const connections = { keepAlive: true, noDelay: true, maxSockets: 64 }

/**
 * A client for the table: one connection pool kept open over invocations, and one try per call, because the table's
 * own budget counts every try and knows which answers are decisions. Where it goes is configuration only
 * (`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_REGION`, the credential chain). Its maker destroys it.
 */
export function createDynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpAgent: connections,
      httpsAgent: connections,
    },
    ...config,
  })
}
