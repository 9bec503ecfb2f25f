import type { Json } from './json.ts'
import type { Reader } from './reader.ts'
import type { Resource } from './stacks.ts'
import type { TableResource } from './types.ts'

/** `Table` and `GlobalTable` (its replica in this region is the table). Always on demand: nobody pays here. */
export function toTable({ stackName, logicalId, identity, properties }: Resource): TableResource {
  const stream = properties.inner('StreamSpecification')
  const timeToLive = properties.inner('TimeToLiveSpecification')
  const attribute = timeToLive?.flag('Enabled', true) ? timeToLive.optionalText('AttributeName') : undefined
  return {
    stackName,
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    definition: {
      TableName: identity.ref,
      AttributeDefinitions: properties.value('AttributeDefinitions') ?? [],
      KeySchema: properties.value('KeySchema') ?? [],
      BillingMode: 'PAY_PER_REQUEST',
      ...indexes(properties, 'GlobalSecondaryIndexes'),
      ...indexes(properties, 'LocalSecondaryIndexes'),
      ...(stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: stream.text('StreamViewType') },
      }),
    },
    ...(attribute !== undefined && { timeToLiveAttribute: attribute }),
  }
}

/** Without capacity, contributor insights and the like, which `CreateTable` would refuse or ignore. */
function indexes(properties: Reader, name: string): Readonly<Record<string, Json>> {
  const found = properties.items(name)
  if (found.length === 0) return {}
  return {
    [name]: found.map((index) => ({
      IndexName: index.text('IndexName'),
      KeySchema: index.value('KeySchema') ?? [],
      Projection: index.value('Projection') ?? {},
    })),
  }
}
