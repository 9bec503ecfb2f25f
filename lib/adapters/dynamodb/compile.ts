import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'

import type { Clause, Condition, Value, Write } from '../../app/ports/table.ts'
import { encode, encodeAttributes } from './codec.ts'

/** One write as DynamoDB takes it. Expressions hold placeholders only, so no name or value is ever read as syntax. */
export function compileWrite(TableName: string, write: Write): TransactWriteItem {
  const slots = createPlaceholders()
  const ReturnValuesOnConditionCheckFailure = 'ALL_OLD'
  const condition = compileAll(write.when, slots)
  const guard = condition === '' ? {} : { ConditionExpression: condition }
  switch (write.kind) {
    case 'put': {
      const Item = encodeAttributes(write.item)
      return { Put: { TableName, Item, ...guard, ...slots.used(), ReturnValuesOnConditionCheckFailure } }
    }
    case 'update': {
      const Key = keyOnWire(write.key)
      const UpdateExpression = compileUpdate(write, slots)
      const change = { TableName, Key, UpdateExpression, ...guard, ...slots.used() }
      return { Update: { ...change, ReturnValuesOnConditionCheckFailure } }
    }
    case 'delete': {
      const Key = keyOnWire(write.key)
      return { Delete: { TableName, Key, ...guard, ...slots.used(), ReturnValuesOnConditionCheckFailure } }
    }
    case 'check': {
      const Key = keyOnWire(write.key)
      const check = { TableName, Key, ConditionExpression: condition, ...slots.used() }
      return { ConditionCheck: { ...check, ReturnValuesOnConditionCheckFailure } }
    }
  }
}

/** Only the key, even where the caller's object holds more. */
export function keyOnWire({
  PK,
  SK,
}: {
  readonly PK: string
  readonly SK: string
}): Record<string, AttributeValue> {
  return { PK: { S: PK }, SK: { S: SK } }
}

interface Placeholders {
  name(attribute: string): string
  value(value: Value): string
  used(): {
    ExpressionAttributeNames?: Record<string, string>
    ExpressionAttributeValues?: Record<string, AttributeValue>
  }
}

function createPlaceholders(): Placeholders {
  const names = new Map<string, string>()
  const values: [string, AttributeValue][] = []
  return {
    name(attribute) {
      const placeholder = names.get(attribute) ?? `#${names.size}`
      names.set(attribute, placeholder)
      return placeholder
    },
    value(value) {
      const placeholder = `:${values.length}`
      values.push([placeholder, encode(value)])
      return placeholder
    },
    used: () => ({
      ...(names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries(
          [...names].map(([name, placeholder]) => [placeholder, name]),
        ),
      }),
      ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    }),
  }
}

function compileAll({ all }: Condition, slots: Placeholders): string {
  return all.map((clause) => compileClause(clause, slots)).join(' AND ')
}

function compileClause(clause: Clause, slots: Placeholders): string {
  switch (clause.is) {
    case 'item-exists':
      return `attribute_exists(${slots.name('PK')})`
    case 'item-absent':
      return `attribute_not_exists(${slots.name('PK')})`
    case 'present':
      return `attribute_exists(${slots.name(clause.attribute)})`
    case 'missing':
      return `attribute_not_exists(${slots.name(clause.attribute)})`
    case 'equal':
      return `${slots.name(clause.attribute)} = ${slots.value(clause.value)}`
    case 'one-of':
      return `${slots.name(clause.attribute)} IN (${clause.values.map((value) => slots.value(value)).join(', ')})`
    case 'below':
      return `${slots.name(clause.attribute)} < ${slots.value(clause.value)}`
    case 'at-most':
      return `${slots.name(clause.attribute)} <= ${slots.value(clause.value)}`
    case 'above':
      return `${slots.name(clause.attribute)} > ${slots.value(clause.value)}`
    case 'at-least':
      return `${slots.name(clause.attribute)} >= ${slots.value(clause.value)}`
    case 'any':
      return compileAny(clause.of, slots)
  }
}

/** DynamoDB refuses parentheses that it does not need, as an alternative with one choice would have. */
function compileAny(choices: readonly Clause[], slots: Placeholders): string {
  const texts = choices.map((choice) => compileClause(choice, slots))
  return texts.length === 1 ? texts.join('') : `(${texts.join(' OR ')})`
}

function compileUpdate(
  { set, remove = [], add = {} }: Extract<Write, { kind: 'update' }>,
  slots: Placeholders,
): string {
  const settings = [
    ...Object.entries(set).map(([name, value]) => `${slots.name(name)} = ${slots.value(value)}`),
    ...Object.entries(add).map(
      ([name, value]) => `${slots.name(name)} = ${slots.name(name)} + ${slots.value(value)}`,
    ),
  ]
  const removals = remove.map((name) => slots.name(name))
  return [
    ...(settings.length > 0 ? [`SET ${settings.join(', ')}`] : []),
    ...(removals.length > 0 ? [`REMOVE ${removals.join(', ')}`] : []),
  ].join(' ')
}
