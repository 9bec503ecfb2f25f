import { readFileSync } from 'node:fs'
import { AssemblyError } from './json.ts'
import type { Resource } from './stacks.ts'
import type { StateMachineResource } from './types.ts'

export function toStateMachine(
  { stackName, logicalId, identity, properties }: Resource,
  assets: ReadonlyMap<string, string>,
): StateMachineResource {
  const type = properties.optionalText('StateMachineType') ?? 'STANDARD'
  if (type !== 'STANDARD' && type !== 'EXPRESS') {
    throw new AssemblyError(`${stackName}/${logicalId}: ${type} is no type of state machine`)
  }
  return {
    stackName,
    logicalId,
    name: identity.attributes['Name'] ?? '',
    arn: identity.ref,
    type,
    definition: substituted(definition()),
    roleArn: properties.text('RoleArn'),
  }

  function definition(): string {
    const inline = properties.value('Definition')
    if (inline !== undefined) return JSON.stringify(inline)
    const key = properties.inner('DefinitionS3Location')?.text('Key')
    if (key === undefined) return properties.text('DefinitionString')
    const path = assets.get(key)
    if (path === undefined) {
      throw new AssemblyError(`${stackName}/${logicalId}: no asset manifest names the definition ${key}`)
    }
    return readFileSync(path, 'utf8')
  }

  function substituted(text: string): string {
    const names = properties.texts('DefinitionSubstitutions')
    return text.replace(/\$\{([\w.-]+)\}/g, (whole, name: string) => names[name] ?? whole)
  }
}
