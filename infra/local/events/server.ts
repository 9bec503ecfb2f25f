import { isObject } from '../assembly/json.ts'
import type { Json } from '../assembly/json.ts'
import { startJsonService } from '../wire/json-service.ts'
import type { JsonService } from '../wire/json-service.ts'
import type { Events } from './bus.ts'

interface Refusal {
  readonly ErrorCode: string
  readonly ErrorMessage: string
}

/** `PutEvents` on loopback (JSON 1.1), in front of `emit`. Entries fail one by one, as with the service. */
export function startEventService(options: {
  readonly emit: Events['emit']
  readonly onLog: (line: string) => void
}): Promise<JsonService> {
  return startJsonService({
    prefix: 'AWSEvents',
    onLog: options.onLog,
    actions: {
      PutEvents(input) {
        const entries = Array.isArray(input['Entries']) ? (input['Entries'] as readonly Json[]) : []
        const results = entries.map((entry) => put(entry))
        return { FailedEntryCount: results.filter((each) => 'ErrorCode' in each).length, Entries: results }
      },
    },
  })

  function put(entry: Json): { readonly EventId: string } | Refusal {
    if (!isObject(entry)) return refusal('InvalidArgument', 'The entry is no object.')
    const { Source: source, DetailType: detailType, Detail: detail, EventBusName: bus, Time: time } = entry
    if (typeof source !== 'string' || typeof detailType !== 'string' || typeof detail !== 'string') {
      return refusal('InvalidArgument', 'Source, DetailType and Detail are required.')
    }
    const parsed = parseDetail(detail)
    if (!parsed) return refusal('MalformedDetail', 'Detail is malformed.')
    const resources = Array.isArray(entry['Resources']) ? entry['Resources'].map(String) : []
    const id = options.emit({
      source,
      detailType,
      detail: parsed,
      resources,
      ...(typeof time === 'number' && { time: time * 1_000 }),
      ...(typeof bus === 'string' && { bus: bus.slice(bus.lastIndexOf('/') + 1) }),
    })
    return { EventId: id }
  }
}

function parseDetail(text: string) {
  try {
    const detail = JSON.parse(text) as Json
    return isObject(detail) ? detail : undefined
  } catch {
    return undefined
  }
}

function refusal(ErrorCode: string, ErrorMessage: string): Refusal {
  return { ErrorCode, ErrorMessage }
}
