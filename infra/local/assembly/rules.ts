import { AssemblyError, isObject } from './json.ts'
import type { Reader } from './reader.ts'
import type { Resource } from './stacks.ts'
import type { EventRuleResource, ScheduleResource, Target } from './types.ts'

export function toSchedule({ stackName, logicalId, identity, properties }: Resource): ScheduleResource {
  const target = properties.inner('Target')
  if (!target) throw new AssemblyError(`${properties.where}.Target is missing`)
  return {
    stackName,
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    expression: properties.text('ScheduleExpression'),
    timezone: properties.optionalText('ScheduleExpressionTimezone') ?? 'UTC',
    enabled: properties.optionalText('State') !== 'DISABLED',
    target: toTarget(target),
  }
}

export function toEventRule({ stackName, logicalId, identity, properties }: Resource): EventRuleResource {
  const schedule = properties.optionalText('ScheduleExpression')
  const pattern = properties.value('EventPattern')
  const bus = properties.optionalText('EventBusName') ?? 'default'
  return {
    stackName,
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    bus: bus.slice(bus.lastIndexOf('/') + 1),
    enabled: properties.optionalText('State') !== 'DISABLED',
    ...(schedule !== undefined && { schedule }),
    ...(isObject(pattern) && { pattern }),
    targets: properties.items('Targets').map(toTarget),
  }
}

function toTarget(properties: Reader): Target {
  const input = properties.optionalText('Input')
  const inputPath = properties.optionalText('InputPath')
  const transformer = properties.inner('InputTransformer')
  return {
    arn: properties.text('Arn'),
    ...(input !== undefined && { input }),
    ...(inputPath !== undefined && { inputPath }),
    ...(transformer && {
      transformer: {
        paths: transformer.texts('InputPathsMap'),
        template: transformer.text('InputTemplate'),
      },
    }),
  }
}
