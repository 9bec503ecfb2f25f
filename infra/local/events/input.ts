import { isObject } from '../assembly/json.ts'
import type { Json, JsonObject } from '../assembly/json.ts'
import type { Target } from '../assembly/types.ts'

/** What a rule's target gets: the event, a part of it, a constant, or a template filled from it. */
export function targetInput(
  target: Target,
  event: JsonObject,
  rule: { readonly name: string; readonly arn: string },
): Json {
  if (target.input !== undefined) return parseOrText(target.input)
  if (target.inputPath !== undefined) return pick(event, target.inputPath) ?? null
  if (!target.transformer) return event
  const reserved: Readonly<Record<string, Json>> = {
    'aws.events.event': event,
    'aws.events.event.json': event,
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': event['time'] ?? null,
  }
  const { paths, template } = target.transformer
  return parseOrText(
    fill(template, (name) => {
      const path = paths[name]
      return path === undefined ? reserved[name] : (pick(event, path) ?? '')
    }),
  )
}

/** Inside a JSON text a value loses its quotes, outside it is JSON of its own; unknown names stay as they are. */
function fill(template: string, valueOf: (name: string) => Json | undefined): string {
  let quoted = false
  return template.replace(/\\.|"|<([\w.-]+)>/g, (whole, name: string | undefined) => {
    if (whole === '"') quoted = !quoted
    const value = name === undefined ? undefined : valueOf(name)
    if (value === undefined) return whole
    if (!quoted) return JSON.stringify(value)
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1)
  })
}

/** `$`, `$.detail.status` and the like. */
function pick(event: JsonObject, path: string): Json | undefined {
  if (path !== '$' && !/^\$(\.[\w-]+)+$/.test(path))
    throw new Error(`${path} is no supported path into an event`)
  let value: Json | undefined = event
  for (const name of path.split('.').slice(1)) value = isObject(value) ? value[name] : undefined
  return value
}

function parseOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
