import { identify } from './identity.ts'
import type { Identity } from './identity.ts'
import { holds, resolve } from './intrinsics.ts'
import type { Scope } from './intrinsics.ts'
import { AssemblyError, isScalar } from './json.ts'
import type { Json } from './json.ts'
import type { AssemblyFiles, Template, TemplateOutput, TemplateResource } from './manifest.ts'
import { read } from './reader.ts'
import type { Reader } from './reader.ts'

/** Where the stand-ins pretend to be, and what Parameter Store holds for templates that ask at deployment. */
export interface Place {
  readonly region: string
  readonly account: string
  readonly parameters?: Readonly<Record<string, string>>
}

/** One resource with its identity; properties resolve when they are read. */
export interface Resource {
  readonly stackName: string
  readonly logicalId: string
  readonly type: string
  readonly identity: Identity
  readonly properties: Reader
}

export interface Stack {
  readonly name: string
  readonly resources: readonly Resource[]
  readonly outputs: Readonly<Record<string, string>>
}

/** All stacks with lazily resolved resources, linked by exports and stack outputs. */
export function linkStacks(files: AssemblyFiles, place: Place): readonly Stack[] {
  const linked = new Map<string, ReturnType<typeof link>>()
  for (const { name, template } of files.stacks) linked.set(name, link(name, template, place, links()))
  return [...linked].map(([name, stack]) => ({
    name,
    get resources() {
      return stack.resources()
    },
    get outputs() {
      return stack.outputs()
    },
  }))

  function links(): Links {
    return {
      exported(name) {
        for (const stack of linked.values()) {
          const value = stack.exported(name)
          if (value !== undefined) return value
        }
        throw new AssemblyError(`no stack exports ${name}`)
      },
      stackOutput(stack, output) {
        const value = linked.get(stack)?.output(output)
        if (value === undefined) throw new AssemblyError(`stack ${stack} has no output ${output}`)
        return value
      },
    }
  }
}

type Links = Pick<Scope, 'exported' | 'stackOutput'>

function link(stackName: string, template: Template, place: Place, links: Links) {
  const { Resources = {}, Outputs = {}, Parameters = {}, Conditions = {}, Mappings = {} } = template
  const identities = new Map<string, Identity>()
  const busy = new Set<string>()

  const scope: Scope = {
    ...links,
    ref(name) {
      if (name in Resources) return identityOf(name).ref
      if (name in Parameters) return parameter(name)
      if (name === 'AWS::NoValue') return undefined
      const pseudo = pseudoParameters[name]
      if (pseudo === undefined) throw new AssemblyError(`stack ${stackName} has nothing named ${name}`)
      return pseudo
    },
    attribute(logicalId, attribute) {
      const value = identityOf(logicalId).attributes[attribute]
      if (value !== undefined) return value
      throw new AssemblyError(
        `${stackName}/${logicalId} (${Resources[logicalId]?.Type}) has no known attribute ${attribute}`,
      )
    },
    condition: (name) =>
      once(`condition ${name}`, () => holds(required(Conditions, name, 'condition'), scope)),
    mapped: (map, top, second) => Mappings[map]?.[top]?.[second],
    stored(name) {
      const value = place.parameters?.[name]
      if (value !== undefined) return value
      throw new AssemblyError(`stack ${stackName} needs the stored parameter ${name}, which has no value`)
    },
  }
  const pseudoParameters: Readonly<Record<string, Json>> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${place.region}:${place.account}:stack/${stackName}/local`,
    'AWS::NotificationARNs': [],
  }

  return {
    resources: () =>
      Object.entries(Resources)
        .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
        .map(([logicalId, resource]) => ({
          stackName,
          logicalId,
          type: resource.Type,
          get identity() {
            return identityOf(logicalId)
          },
          properties: propertiesOf(logicalId, resource),
        })),
    output: (name: string) => outputValue(name),
    outputs: () => {
      const values: Record<string, string> = {}
      for (const name of Object.keys(Outputs)) {
        const value = outputValue(name)
        if (value !== undefined) values[name] = value
      }
      return values
    },
    exported(name: string): string | undefined {
      const found = Object.entries(Outputs).find(
        ([, { Export, ...output }]) => Export && present(output) && resolve(Export.Name, scope) === name,
      )
      return found && outputValue(found[0])
    },
  }

  function propertiesOf(logicalId: string, { Properties = {} }: TemplateResource): Reader {
    const where = `${stackName}/${logicalId}`
    return read((name) => {
      const value = Properties[name]
      return value === undefined ? undefined : located(`${where}.${name}`, () => resolve(value, scope))
    }, where)
  }

  function identityOf(logicalId: string): Identity {
    const known = identities.get(logicalId)
    if (known) return known
    const resource = required(Resources, logicalId, 'resource')
    const identity = once(`resource ${logicalId}`, () => {
      const properties = propertiesOf(logicalId, resource)
      const property = (name: string) => properties.optionalText(name)
      return identify(resource.Type, { stackName, logicalId, ...place, property })
    })
    identities.set(logicalId, identity)
    return identity
  }

  function parameter(name: string): Json {
    const { Type: type, Default: value } = required(Parameters, name, 'parameter')
    if (!isScalar(value)) throw new AssemblyError(`parameter ${name} of stack ${stackName} has no default`)
    const stored = /^AWS::SSM::Parameter::Value<(.*)>$/.exec(type)
    const text = stored ? scope.stored(String(value)) : String(value)
    const many = /^(CommaDelimitedList|List<.*>)$/.test(stored?.[1] ?? type)
    return many ? text.split(',').map((item) => item.trim()) : text
  }

  function present({ Condition }: Pick<TemplateOutput, 'Condition'>): boolean {
    return Condition === undefined || scope.condition(Condition)
  }

  function outputValue(name: string): string | undefined {
    const output = Outputs[name]
    if (!output || !present(output)) return undefined
    return once(`output ${name}`, () =>
      located(`${stackName}, output ${name}`, () => {
        const value = resolve(output.Value, scope)
        return typeof value === 'string' ? value : JSON.stringify(value)
      }),
    )
  }

  function once<T>(what: string, compute: () => T): T {
    if (busy.has(what)) throw new AssemblyError(`${what} of stack ${stackName} depends on itself`)
    busy.add(what)
    try {
      return compute()
    } finally {
      busy.delete(what)
    }
  }

  function required<T>(entries: Readonly<Record<string, T>>, name: string, kind: string): T {
    const entry = entries[name]
    if (entry === undefined) throw new AssemblyError(`stack ${stackName} has no ${kind} ${name}`)
    return entry
  }
}

function located<T>(where: string, compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof AssemblyError) || error.located) throw error
    throw new AssemblyError(`${where}: ${error.message}`, { cause: error, located: true })
  }
}
