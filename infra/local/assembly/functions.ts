import { AssemblyError } from './json.ts'
import type { Resource } from './stacks.ts'
import type { FunctionResource } from './types.ts'

const sixHoursInSeconds = 21_600

/** `invokeConfigs` are all resources of type `AWS::Lambda::EventInvokeConfig`. */
export function toFunction(
  { stackName, logicalId, identity, properties }: Resource,
  assets: ReadonlyMap<string, string>,
  invokeConfigs: readonly Resource[],
): FunctionResource {
  const invokes = invokeConfigs.find((config) => {
    const named = config.properties.text('FunctionName')
    return named === identity.ref || named === identity.attributes['Arn']
  })?.properties
  const reservedConcurrency = properties.optionalNumber('ReservedConcurrentExecutions')
  if (properties.strings('Layers').length > 0) {
    throw new AssemblyError(`${stackName}/${logicalId} uses layers, which are not supported`)
  }
  return {
    stackName,
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    runtime: properties.text('Runtime'),
    handler: properties.text('Handler'),
    codeDirectory: codeDirectory(),
    timeoutSeconds: properties.optionalNumber('Timeout') ?? 3,
    memoryMegabytes: properties.optionalNumber('MemorySize') ?? 128,
    environment: properties.inner('Environment')?.texts('Variables') ?? {},
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    retryAttempts: invokes?.optionalNumber('MaximumRetryAttempts') ?? 2,
    maximumEventAgeSeconds: invokes?.optionalNumber('MaximumEventAgeInSeconds') ?? sixHoursInSeconds,
  }

  function codeDirectory(): string {
    const key = properties.inner('Code')?.optionalText('S3Key')
    if (key === undefined) {
      throw new AssemblyError(`${stackName}/${logicalId}: only code from an asset directory is supported`)
    }
    const directory = assets.get(key)
    if (directory === undefined) {
      throw new AssemblyError(`${stackName}/${logicalId}: no asset manifest names the code ${key}`)
    }
    return directory
  }
}
