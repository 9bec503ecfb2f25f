import type { FunctionResource } from '../assembly/types.ts'
import type { Invoke } from '../httpapi/within.ts'
import type { FunctionDefinition } from '../lambda/invocation.ts'
import type { Lambda } from '../lambda/start.ts'

export function toDefinition(resource: FunctionResource): FunctionDefinition {
  const { name, arn, handler, codeDirectory, timeoutSeconds, memoryMegabytes, environment } = resource
  return {
    name,
    arn,
    handler,
    codeDirectory,
    timeoutSeconds,
    memoryMb: memoryMegabytes,
    environment,
    ...(resource.reservedConcurrency !== undefined && { reservedConcurrency: resource.reservedConcurrency }),
  }
}

/** Payloads as values instead of text. The functions may still be on their way up when the first call comes. */
export function invokeWith(functions: Promise<Lambda>): Invoke {
  return async (functionArn, payload) => {
    const result = await (await functions).invoke(functionArn, JSON.stringify(payload))
    if (result.ok) return { ok: true, payload: JSON.parse(result.payload) as unknown }
    return { ok: false, errorType: result.errorType, errorMessage: result.errorMessage }
  }
}

/** A function by its name, its logical id, or the construct id that CDK made the logical id of. */
export function findFunction(functions: readonly FunctionResource[], reference: string): FunctionResource {
  const found =
    functions.find(({ name, logicalId }) => name === reference || logicalId === reference) ??
    functions.find(({ logicalId }) => logicalId.replace(/[0-9A-F]{8}$/, '') === reference)
  if (!found) {
    throw new Error(`no function ${reference}; there are ${functions.map(({ name }) => name).join(', ')}`)
  }
  return found
}
