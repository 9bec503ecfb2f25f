import type { z } from 'zod'
import type { Route } from '../../contract/routes.ts'
import { routes } from '../../contract/routes.ts'
import type { RouteName } from '../../contract/routes.ts'
import { needsBody } from '../request.ts'
import { examples } from './examples.ts'
import type { Components, Json } from './schemas.ts'

const WHO: Readonly<Record<Route['permission'], string>> = {
  lease: 'A token with the scope `lease` or `operator`.',
  operator: 'A token with the scope `operator`.',
  holder: 'The lease token.',
  reader: 'The lease token, the lease’s owner or an operator.',
}

const KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'Fresh for each request, and the same when it is tried again.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
}

/** One route as an operation of the document. */
export function operationOf(name: RouteName, components: Components): Json {
  const route: Route = routes[name]
  const example = examples[name]
  return {
    operationId: name,
    summary: route.summary,
    description: WHO[route.permission],
    tags: [route.path.split('/')[2]],
    parameters: [
      ...parametersOf('path', route.parameters, components),
      ...parametersOf('query', route.query, components),
      ...(route.idempotencyKey ? [KEY] : []),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: needsBody(route),
            content: {
              'application/json': {
                schema: components.refer(route.body, 'input'),
                ...(example ? { example } : {}),
              },
            },
          },
        }
      : {}),
    responses: {
      [route.success.status]: {
        description: 'Done.',
        headers: headersOf(name),
        content: { 'application/json': { schema: components.refer(route.success.body, 'output') } },
      },
      ...Object.fromEntries(statusesOf(name, route).map((status) => [status, problem])),
      default: problem,
    },
  }
}

const problem = { $ref: '#/components/responses/Problem' }

/** Texts in the request; what their schemas make of them is what is shown. */
function parametersOf(place: 'path' | 'query', schema: z.ZodObject, components: Components): readonly Json[] {
  return Object.entries(schema.shape).map(([name, field]: [string, z.ZodType]) => ({
    name,
    in: place,
    required: !field.safeParse(undefined).success,
    schema: components.refer(field, 'output'),
  }))
}

function headersOf(name: RouteName): Json {
  const text = (description: string) => ({ description, schema: { type: 'string' } })
  const location = { Location: text('Where it is found from now on.') }
  const version = { ETag: text('The version of the lease.') }
  const later = { 'Retry-After': text('Far from the head of the queue: ask again after so many seconds.') }
  if (name === 'createLease') return { ...location, ...version, ...later }
  if (name === 'getLease') return { ...version, ...later }
  if (name === 'runCommand') return location
  return VERSIONED.includes(name) ? version : {}
}

/** What they answer is the lease, in its new version. */
const VERSIONED: readonly RouteName[] = ['renewLease', 'extendLease', 'releaseLease']

/** Of what these are asked, more than the form can be wrong. */
const JUDGED: readonly RouteName[] = ['applyConfig', 'drainHost']

function statusesOf(name: RouteName, route: Route): readonly number[] {
  const named = Object.keys(route.parameters.shape).length > 0
  return [
    400,
    401,
    403,
    ...(named ? [404] : []),
    ...(route.method === 'GET' ? [] : [409]),
    ...(route.body ? [413] : []),
    ...(route.idempotencyKey || JUDGED.includes(name) ? [422] : []),
    ...(route.idempotencyKey ? [428] : []),
    ...(name === 'createLease' ? [429] : []),
    500,
    503,
  ]
}
