import type { TaskState } from './program.ts'

type Resource = Pick<TaskState, 'target' | 'resourceType' | 'resource'>

const lambdaArn = /^arn:[\w-]+:lambda:[\w-]*:\d*:function:[\w:$-]+$/
const invoke = /^arn:[\w-]+:states:[\w-]*:\d*:lambda:invoke(?<token>\.waitForTaskToken)?$/
const sdk =
  /^arn:[\w-]+:states:[\w-]*:\d*:aws-sdk:(?<service>[a-z0-9]+):(?<action>[A-Za-z0-9]+)(?<token>\.waitForTaskToken)?$/

/**
 * @param integrations keys such as `dynamodb:updateItem` that can be called.
 * @throws Error for a Resource that nothing here can call.
 */
export function readTarget(arn: string, integrations: ReadonlySet<string>): Resource {
  if (lambdaArn.test(arn)) {
    return {
      target: { kind: 'function', functionName: arn, token: false },
      resourceType: 'lambda',
      resource: arn,
    }
  }
  const invocation = invoke.exec(arn)
  if (invocation) {
    const suffix = invocation.groups?.token ?? ''
    return {
      target: { kind: 'lambda', token: suffix !== '' },
      resourceType: 'lambda',
      resource: `invoke${suffix}`,
    }
  }
  const { service, action, token = '' } = sdk.exec(arn)?.groups ?? {}
  const key = `${service}:${action}`
  if (service === undefined || !integrations.has(key)) {
    throw new Error(`no integration for the Resource ${arn}`)
  }
  return {
    target: { kind: 'sdk', service, key, token: token !== '' },
    resourceType: `aws-sdk:${service}`,
    resource: `${action}${token}`,
  }
}
