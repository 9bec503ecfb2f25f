import { z } from 'zod'

export type Json = { readonly [name: string]: unknown }

/** Schemas by name, as the document's components; collects every named one that it meets. */
export interface Components {
  readonly schemas: Readonly<Record<string, Json>>
  /** The schema as it stands in the document: a reference where it has a name. */
  refer(schema: z.ZodType, io: 'input' | 'output'): Json
}

const HOME = '#/components/schemas/'

export function collectComponents(): Components {
  const schemas: Record<string, Json> = {}

  /** What is sent may leave out what has a default; where that makes a difference, it has a name of its own. */
  function place(name: string, schema: Json, io: 'input' | 'output'): string {
    const known = schemas[name]
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      if (io === 'input' && !name.endsWith('Input')) return place(`${name}Input`, schema, io)
      throw new Error(`two schemas are called ${name}`)
    }
    schemas[name] = schema
    return name
  }

  return {
    schemas,
    refer: (schema, io) => {
      const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, override: withoutNoise })
      const names = Object.entries($defs).map(
        ([name, definition]) => [name, place(name, located(plain(definition)), io)] as const,
      )
      // Of a schema with a name, the text is sometimes among the definitions and sometimes not.
      const root = names.find(([name]) => own.$ref === `#/$defs/${name}`)
      if (root) return { $ref: HOME + root[1] }
      const name = schema.meta()?.id
      const found = located(plain(own))
      return name === undefined ? found : { $ref: HOME + place(name, found, io) }
    },
  }
}

/** Every integer is a safe one: to say so is noise. */
function withoutNoise({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** Without the name, which is the key that it stands under. */
const plain = (schema: object): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'id'))

const located = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${HOME}`)) as Json
