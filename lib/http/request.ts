import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'
import type { z } from 'zod'
import type { Route } from '../contract/routes.ts'
import type { Caller } from '../domain/access.ts'
import type { Result } from '../domain/refusals.ts'
import { ok, refuse } from '../domain/refusals.ts'
import { readBody } from './body.ts'
import type { Identity } from './caller.ts'
import { idempotencyKey } from './idempotency.ts'
import type { IdempotencyKey } from './idempotency.ts'

/** What the gateway calls a function with: payload format 2.0, with what the authorizer said. */
export type ApiEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<Partial<Identity> | null>

/** A request that has the form its route takes. */
export interface Request {
  readonly caller: Caller
  readonly parameters: unknown
  readonly query: unknown
  readonly body: unknown
  readonly key: IdempotencyKey | undefined
}

/** Judges path, query, body and key, in this order; the first fault is the answer. */
export function readRequest(name: string, route: Route, event: ApiEvent, caller: Caller): Result<Request> {
  const parameters = judge('path', route.parameters, event.pathParameters ?? {})
  if (!parameters.ok) return parameters
  const query = judge('query', route.query, event.queryStringParameters ?? {})
  if (!query.ok) return query
  const body = judgeBody(route, event)
  if (!body.ok) return body
  const request = { caller, parameters: parameters.value, query: query.value, body: body.value }
  if (route.idempotencyKey === undefined) return ok({ ...request, key: undefined })
  const asked = { route: name, parameters: parameters.value, body: body.value }
  const key = idempotencyKey(event.headers['idempotency-key'], asked)
  return key.ok ? ok({ ...request, key: key.value }) : key
}

/** A body may be left out where every field has a default; a replacement by nothing is never meant. */
export const needsBody = ({ method, body }: Route): boolean =>
  body !== undefined && (method === 'PUT' || !body.safeParse({}).success)

function judgeBody(route: Route, event: ApiEvent): Result<unknown> {
  const raw = readBody({
    text: event.body,
    isBase64: event.isBase64Encoded,
    contentType: event.headers['content-type'],
    mostBytes: route.mostBytes,
  })
  if (!raw.ok) return raw
  if (raw.value === undefined && needsBody(route)) return refuse('malformed', 'This route takes a body.')
  if (route.body) return judge('body', route.body, raw.value === undefined ? {} : raw.value)
  return raw.value === undefined ? ok(undefined) : refuse('malformed', 'This route takes no body.')
}

const MOST_FAULTS = 10
const LONGEST_DETAIL = 1_000

function judge(part: 'path' | 'query' | 'body', schema: z.ZodType, value: unknown): Result<unknown> {
  const read = schema.safeParse(value)
  if (read.success) return ok(read.data)
  const faults = read.error.issues.slice(0, MOST_FAULTS).map((issue) => ({
    field: [part, ...issue.path.map(String)].join('.').slice(0, 200),
    message: issue.message,
  }))
  const detail = faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ')
  return refuse('malformed', cut(detail), { hints: { fields: faults.map((fault) => fault.field) } })
}

const cut = (text: string): string =>
  text.length <= LONGEST_DETAIL ? text : `${text.slice(0, LONGEST_DETAIL)}…`
