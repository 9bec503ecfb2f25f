import type { Template } from 'aws-cdk-lib/assertions'

export interface Statement {
  readonly actions: readonly string[]
  readonly resources: readonly unknown[]
  readonly condition?: unknown
}

/** Role, by what its description says it is for -> the statements of all policies attached to it. */
export function statementsByRole(template: Template): Readonly<Record<string, readonly Statement[]>> {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((each) => each['Properties'])
  const roles = Object.entries(template.findResources('AWS::IAM::Role'))
  return Object.fromEntries(
    roles.map(([id, { Properties }]) => [
      /^What (\S+) may do$/.exec(Properties.Description)?.[1] ?? id,
      policies
        .filter(({ Roles }) => Roles.some((role: { Ref?: string }) => role.Ref === id))
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .map(({ Action, Resource, Condition: condition }) => ({
          actions: [Action].flat(),
          resources: [Resource].flat(),
          ...(condition === undefined ? {} : { condition }),
        })),
    ]),
  )
}
