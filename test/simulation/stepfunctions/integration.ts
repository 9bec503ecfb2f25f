import type { Table } from '../../../lib/app/ports/table.ts'
import { StateFailure } from '../../../infra/local/stepfunctions/asl/failure.ts'
import type { Json } from '../../../infra/local/stepfunctions/json.ts'

interface Parameters {
  readonly Key: { readonly PK: { readonly S: string }; readonly SK: { readonly S: string } }
  readonly UpdateExpression: string
  readonly ConditionExpression: string
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues: Readonly<Record<string, { readonly S: string }>>
}

const SET = /^SET (?<attribute>\w+) = (?<value>:\w+)$/
const CONDITION = /^(?<attribute>#\w+) = (?<value>:\w+)$/

/** The one update that a machine makes by itself, over the port of the table. */
export async function updateItem(table: Table, given: Json): Promise<void> {
  const parameters = given as unknown as Parameters
  const set = SET.exec(parameters.UpdateExpression)?.groups
  const condition = CONDITION.exec(parameters.ConditionExpression)?.groups
  const attribute = parameters.ExpressionAttributeNames[condition?.['attribute'] ?? '']
  const value = (name: string | undefined) => parameters.ExpressionAttributeValues[name ?? '']?.S
  const [stored, wanted] = [value(set?.['value']), value(condition?.['value'])]
  const changed = set?.['attribute']
  if (changed === undefined || attribute === undefined || stored === undefined || wanted === undefined)
    throw new Error(`the simulation does not know this update: ${JSON.stringify(given)}`)
  const outcome = await table.write({
    kind: 'update',
    key: { PK: parameters.Key.PK.S, SK: parameters.Key.SK.S },
    set: { [changed]: stored },
    when: { name: 'as_the_machine_says', all: [{ is: 'equal', attribute, value: wanted }] },
  })
  if (!outcome.committed)
    throw new StateFailure('DynamoDb.ConditionalCheckFailedException', 'The conditional request failed')
}
