import { AssemblyError, isList, isObject, isScalar } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { substitute } from './substitute.ts'

/** What a template's functions look up: one per stack. */
export interface Scope {
  ref(logicalId: string): Json | undefined
  attribute(logicalId: string, attribute: string): Json
  condition(name: string): boolean
  mapped(map: string, top: string, second: string): Json | undefined
  exported(name: string): Json
  stackOutput(stack: string, output: string): Json
  stored(parameterName: string): string
}

/** The value with every function replaced by its result; undefined is `AWS::NoValue`: the property is not there. */
export function resolve(value: Json, scope: Scope): Json | undefined {
  if (typeof value === 'string') return dereference(value, scope)
  if (isList(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  const [only, ...others] = Object.entries(value)
  if (only && others.length === 0) {
    const [name, argument] = only
    const intrinsic = intrinsics[name]
    if (intrinsic) return intrinsic(argument, scope)
    if (name.startsWith('Fn::')) throw new AssemblyError(`${name} is not supported`)
  }
  const resolved: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    const result = resolve(item, scope)
    if (result !== undefined) resolved[key] = result
  }
  return resolved
}

/** True or false of a condition: an entry of `Conditions`, or the first argument of `Fn::If`. */
export function holds(condition: Json, scope: Scope): boolean {
  if (typeof condition === 'string') return scope.condition(condition)
  if (!isObject(condition)) throw new AssemblyError(`${JSON.stringify(condition)} is not a condition`)
  if ('Condition' in condition) return scope.condition(text(condition['Condition'], 'Condition', scope))
  const value = resolve(condition, scope)
  if (typeof value !== 'boolean') throw new AssemblyError(`${JSON.stringify(condition)} is not a condition`)
  return value
}

type Intrinsic = (argument: Json, scope: Scope) => Json | undefined

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text(argument, 'Ref', scope)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string' ? argument.split('.') : texts(argument, 'Fn::GetAtt', scope)
    return scope.attribute(logicalId ?? '', attribute.join('.'))
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pair(argument, 'Fn::Join')
    return dereference(texts(parts, 'Fn::Join', scope).join(text(separator, 'Fn::Join', scope)), scope)
  },
  'Fn::Sub': (argument, scope) => dereference(substitute(argument, scope, resolve), scope),
  'Fn::Select': (argument, scope) => {
    const [position, choices] = pair(argument, 'Fn::Select')
    const index = Number(text(position, 'Fn::Select', scope))
    const chosen = list(choices, 'Fn::Select', scope)[index]
    if (chosen === undefined) throw new AssemblyError(`Fn::Select finds nothing at ${index}`)
    return chosen
  },
  'Fn::Split': (argument, scope) => {
    const [separator, whole] = pair(argument, 'Fn::Split')
    return text(whole, 'Fn::Split', scope).split(text(separator, 'Fn::Split', scope))
  },
  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = isList(argument) ? argument : []
    if (condition === undefined || whenTrue === undefined || whenFalse === undefined) {
      throw new AssemblyError('Fn::If needs three arguments')
    }
    return resolve(holds(condition, scope) ? whenTrue : whenFalse, scope)
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = pair(argument, 'Fn::Equals')
    return comparable(resolve(left, scope)) === comparable(resolve(right, scope))
  },
  'Fn::And': (argument, scope) => conditions(argument, 'Fn::And').every((each) => holds(each, scope)),
  'Fn::Or': (argument, scope) => conditions(argument, 'Fn::Or').some((each) => holds(each, scope)),
  'Fn::Not': (argument, scope) => !conditions(argument, 'Fn::Not').every((each) => holds(each, scope)),
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second, otherwise] = list(argument, 'Fn::FindInMap', scope)
    const [mapName, topKey, secondKey] = texts([map ?? '', top ?? '', second ?? ''], 'Fn::FindInMap', scope)
    const found = scope.mapped(mapName ?? '', topKey ?? '', secondKey ?? '')
    if (found !== undefined) return resolve(found, scope)
    if (isObject(otherwise) && 'DefaultValue' in otherwise) return otherwise['DefaultValue']
    throw new AssemblyError(`Fn::FindInMap finds no ${mapName}.${topKey}.${secondKey}`)
  },
  'Fn::ImportValue': (argument, scope) => scope.exported(text(argument, 'Fn::ImportValue', scope)),
  'Fn::GetStackOutput': (argument, scope) => {
    const { StackName: stack, OutputName: output } = isObject(argument) ? argument : ({} as JsonObject)
    return scope.stackOutput(
      text(stack, 'Fn::GetStackOutput', scope),
      text(output, 'Fn::GetStackOutput', scope),
    )
  },
  'Fn::ToJsonString': (argument, scope) => JSON.stringify(resolve(argument, scope)),
  'Fn::Length': (argument, scope) => list(argument, 'Fn::Length', scope).length,
  'Fn::Base64': (argument, scope) => Buffer.from(text(argument, 'Fn::Base64', scope)).toString('base64'),
}

/** CloudFormation looks up `{{resolve:ssm:name:version}}` at deployment; secure ones have no place in a template. */
function dereference(value: string, scope: Scope): string {
  if (!value.includes('{{resolve:')) return value
  return value.replace(/\{\{resolve:([a-z-]+):([^}]+)\}\}/g, (whole, service: string, reference: string) => {
    if (service !== 'ssm') throw new AssemblyError(`the dynamic reference ${whole} is not supported`)
    return scope.stored(reference.replace(/:\d+$/, ''))
  })
}

function text(value: Json | undefined, where: string, scope: Scope): string {
  const resolved = value === undefined ? undefined : resolve(value, scope)
  if (!isScalar(resolved)) {
    throw new AssemblyError(`${where} needs a text, not ${JSON.stringify(resolved)}`)
  }
  return String(resolved)
}

function list(value: Json, where: string, scope: Scope): readonly Json[] {
  const resolved = resolve(value, scope)
  if (!isList(resolved)) throw new AssemblyError(`${where} needs a list, not ${JSON.stringify(resolved)}`)
  return resolved
}

function texts(value: Json, where: string, scope: Scope): readonly string[] {
  return list(value, where, scope).map((item) => text(item, where, scope))
}

function pair(value: Json, where: string): readonly [Json, Json] {
  const [first, second] = isList(value) ? value : []
  if (first === undefined || second === undefined) throw new AssemblyError(`${where} needs two arguments`)
  return [first, second]
}

function conditions(value: Json, where: string): readonly Json[] {
  if (!isList(value)) throw new AssemblyError(`${where} needs a list of conditions`)
  return value
}

function comparable(value: Json | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
