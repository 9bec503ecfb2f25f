import { AssemblyError, isList, isObject, isScalar } from './json.ts'
import type { Json } from './json.ts'
import type { Scope } from './intrinsics.ts'

type Resolve = (value: Json, scope: Scope) => Json | undefined

/** `Fn::Sub`: `${Name}`, `${Name.Attribute}`, names from its own map first, `${!Literal}` as it stands. */
export function substitute(argument: Json, scope: Scope, resolve: Resolve): string {
  const [template, names] = isList(argument) ? argument : [argument]
  if (typeof template !== 'string' || (names !== undefined && !isObject(names))) {
    throw new AssemblyError('Fn::Sub needs a text, or a text and a map')
  }
  return template.replace(/\$\{([^}]+)\}/g, (_, expression: string) => {
    const name = expression.trim()
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    const value = lookUp(name)
    if (!isScalar(value)) {
      throw new AssemblyError(`Fn::Sub needs a text for ${name}, not ${JSON.stringify(value)}`)
    }
    return String(value)
  })

  function lookUp(name: string): Json | undefined {
    const own = isObject(names) ? names[name] : undefined
    if (own !== undefined) return resolve(own, scope)
    const dot = name.indexOf('.')
    return dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1))
  }
}
