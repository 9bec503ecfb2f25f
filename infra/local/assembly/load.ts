import { collectApis } from './apis.ts'
import { toFunction } from './functions.ts'
import { readAssembly } from './manifest.ts'
import { toEventRule, toSchedule } from './rules.ts'
import { linkStacks } from './stacks.ts'
import type { Place, Resource } from './stacks.ts'
import { toStateMachine } from './machines.ts'
import { toTable } from './tables.ts'
import type { Assembly, DocumentResource, ParameterResource } from './types.ts'

/**
 * Reads a synthesized app (`cdk.out`) and resolves what the stand-ins need. Names and ARNs follow from
 * stack names and logical ids. `place.parameters` answers templates that read Parameter Store at deployment.
 * Throws `AssemblyError` naming the place of whatever it cannot follow; resources of other types are left alone.
 */
export function loadAssembly(directory: string, place: Place): Assembly {
  const files = readAssembly(directory)
  const stacks = linkStacks(files, place)
  const resources = stacks.flatMap((stack) => stack.resources)
  const ofType = (...types: readonly string[]) => resources.filter(({ type }) => types.includes(type))
  const invokeConfigs = ofType('AWS::Lambda::EventInvokeConfig')
  return {
    region: place.region,
    account: place.account,
    functions: ofType('AWS::Lambda::Function').map((each) => toFunction(each, files.assets, invokeConfigs)),
    tables: ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(toTable),
    stateMachines: ofType('AWS::StepFunctions::StateMachine').map((each) =>
      toStateMachine(each, files.assets),
    ),
    httpApis: collectApis(resources, place),
    schedules: ofType('AWS::Scheduler::Schedule').map(toSchedule),
    eventRules: ofType('AWS::Events::Rule').map(toEventRule),
    parameters: ofType('AWS::SSM::Parameter').map(toParameter),
    documents: ofType('AWS::SSM::Document').map(toDocument),
    outputs: Object.fromEntries(stacks.map(({ name, outputs }) => [name, outputs])),
  }
}

function toParameter({ stackName, logicalId, identity, properties }: Resource): ParameterResource {
  return {
    stackName,
    logicalId,
    name: identity.ref,
    type: properties.text('Type'),
    value: properties.text('Value'),
  }
}

function toDocument({ stackName, logicalId, identity, properties }: Resource): DocumentResource {
  return { stackName, logicalId, name: identity.ref, content: properties.value('Content') ?? null }
}
