import { UpdateItemCommand, type DynamoDBClient, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb'

/** The SDK integrations of one DynamoDB client; parameters and results as in ASL, attribute values and all. */
export function dynamoDbIntegrations(
  client: DynamoDBClient,
): Readonly<Record<'dynamodb:updateItem', (parameters: Record<string, unknown>) => Promise<unknown>>> {
  return {
    'dynamodb:updateItem': async (parameters) => {
      // What the definition got wrong, the service refuses by name.
      const command = new UpdateItemCommand(parameters as unknown as UpdateItemCommandInput)
      const { $metadata: _, ...result } = await client.send(command)
      return result
    },
  }
}
