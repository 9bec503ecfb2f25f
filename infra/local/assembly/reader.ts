import { AssemblyError, isList, isObject, isScalar } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** Reads resolved properties with the type that the caller needs; a misfit is an error that names the place. */
export interface Reader {
  readonly where: string
  value(name: string): Json | undefined
  text(name: string): string
  optionalText(name: string): string | undefined
  optionalNumber(name: string): number | undefined
  flag(name: string, otherwise: boolean): boolean
  strings(name: string): readonly string[]
  texts(name: string): Readonly<Record<string, string>>
  inner(name: string): Reader | undefined
  items(name: string): readonly Reader[]
}

export function readObject(value: JsonObject, where: string): Reader {
  return read((name) => value[name], where)
}

/** `get` may resolve lazily, so that a property nobody reads cannot stop the start. */
export function read(get: (name: string) => Json | undefined, where: string): Reader {
  const misfit = (name: string, wanted: string) => new AssemblyError(`${where}.${name} is not ${wanted}`)
  const optionalText = (name: string): string | undefined => {
    const value = get(name)
    if (value === undefined) return undefined
    if (!isScalar(value)) throw misfit(name, 'a text')
    return String(value)
  }
  const object = (name: string): JsonObject | undefined => {
    const value = get(name)
    if (value === undefined) return undefined
    if (!isObject(value)) throw misfit(name, 'an object')
    return value
  }
  const list = (name: string): readonly Json[] => {
    const value = get(name) ?? []
    if (!isList(value)) throw misfit(name, 'a list')
    return value
  }
  return {
    where,
    value: get,
    optionalText,
    text(name) {
      const value = optionalText(name)
      if (value === undefined) throw new AssemblyError(`${where}.${name} is missing`)
      return value
    },
    optionalNumber(name) {
      const value = optionalText(name)
      if (value === undefined) return undefined
      const number = Number(value)
      if (value.trim() === '' || !Number.isFinite(number)) throw misfit(name, 'a number')
      return number
    },
    flag(name, otherwise) {
      const value = optionalText(name)
      if (value !== undefined && value !== 'true' && value !== 'false') throw misfit(name, 'true or false')
      return value === undefined ? otherwise : value === 'true'
    },
    strings(name) {
      return list(name).map((value) => {
        if (!isScalar(value)) throw misfit(name, 'a list of texts')
        return String(value)
      })
    },
    texts(name) {
      const texts: Record<string, string> = {}
      for (const [key, value] of Object.entries(object(name) ?? {})) {
        if (!isScalar(value)) throw misfit(`${name}.${key}`, 'a text')
        texts[key] = String(value)
      }
      return texts
    },
    inner(name) {
      const value = object(name)
      return value && readObject(value, `${where}.${name}`)
    },
    items(name) {
      return list(name).map((value, index) => {
        if (!isObject(value)) throw misfit(`${name}[${index}]`, 'an object')
        return readObject(value, `${where}.${name}[${index}]`)
      })
    },
  }
}
