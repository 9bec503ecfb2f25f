import type { AuthorizerResource } from '../assembly/types.ts'
import type { Clock } from '../stepfunctions/clock.ts'
import { isRecord } from './answer.ts'
import type { Envelope, Incoming, RequestParts } from './event.ts'
import { within } from './within.ts'
import type { Invoke } from './within.ts'

export type Verdict =
  | { readonly kind: 'allowed'; readonly context: unknown }
  | { readonly kind: 'denied' }
  | { readonly kind: 'unidentified' }
  | { readonly kind: 'broken' }

interface Asked {
  readonly authorizer: AuthorizerResource
  readonly incoming: Incoming
  readonly envelope: Envelope
  readonly parts: RequestParts
  readonly routeKey: string
  /** Made only when the function is really called. */
  event(identity: readonly string[]): object
}

/** The service gives an authorizer ten seconds, whatever the function's own timeout. */
const timeoutMilliseconds = 10_000
const crowded = 1_000

/** Runs Lambda authorizers and keeps their verdicts, allowed or denied, by identity for the configured time. */
export function createAuthorization(invoke: Invoke, clock: Clock) {
  const kept = new Map<string, { readonly verdict: Verdict; readonly until: number }>()

  return async function authorize(asked: Asked): Promise<Verdict> {
    const { authorizer } = asked
    const identity = authorizer.identitySources.map((source) => readSource(source, asked))
    if (!identity.every((value) => value !== undefined && value !== '')) return { kind: 'unidentified' }
    const values = identity.filter((value) => value !== undefined)
    const key = JSON.stringify([authorizer.id, ...values])
    const known = kept.get(key)
    if (known && known.until > clock.now()) return known.verdict
    const verdict = await ask(authorizer, asked.event(values))
    if (authorizer.resultTtlSeconds > 0 && values.length > 0 && verdict.kind !== 'broken') {
      keep(key, verdict, authorizer.resultTtlSeconds)
    }
    return verdict
  }

  async function ask({ functionArn }: AuthorizerResource, event: object): Promise<Verdict> {
    const result = await within(clock, timeoutMilliseconds, invoke(functionArn, event))
    if (result === 'late' || !result.ok || !isRecord(result.payload)) return { kind: 'broken' }
    const { isAuthorized, context } = result.payload
    if (typeof isAuthorized !== 'boolean') return { kind: 'broken' }
    return isAuthorized ? { kind: 'allowed', context: context ?? null } : { kind: 'denied' }
  }

  function keep(key: string, verdict: Verdict, seconds: number): void {
    const now = clock.now()
    if (kept.size >= crowded) {
      for (const [each, { until }] of kept) if (until <= now) kept.delete(each)
    }
    kept.set(key, { verdict, until: now + seconds * 1_000 })
  }
}

function readSource(source: string, { parts, envelope, incoming, routeKey }: Asked): string | undefined {
  const [, kind = '', name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? []
  switch (kind) {
    case 'request.header':
      return parts.headers[name.toLowerCase()]
    case 'request.querystring':
      return parts.query[name]
    case 'stageVariables':
      return envelope.stageVariables[name]
    case 'context':
      return {
        routeKey,
        stage: envelope.stage,
        path: parts.rawPath,
        httpMethod: incoming.method,
        'identity.sourceIp': incoming.sourceIp,
      }[name]
    default:
      throw new Error(`identity source ${source} is not supported`)
  }
}
