import { problem } from '../../contract/problem.ts'
import { routes } from '../../contract/routes.ts'
import type { Route, RouteName } from '../../contract/routes.ts'
import { REFUSALS } from '../../domain/refusals.ts'
import type { RefusalCode } from '../../domain/refusals.ts'
import { STATUS } from '../problem.ts'
import { operationOf } from './operation.ts'
import { collectComponents } from './schemas.ts'
import type { Json } from './schemas.ts'

/** The HTTP API as OpenAPI 3.1, made from the route table: never kept by hand. */
export function openApiDocument(): Json {
  const components = collectComponents()
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries<Route>(routes)) {
    const operations = (paths[route.path] ??= {})
    operations[route.method.toLowerCase()] = operationOf(name as RouteName, components)
  }
  const problemSchema = components.refer(problem, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Drydock',
      version: '1',
      description: 'Leases build machines and clean git working copies to CI.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The address that the deployment, or `npm start`, prints.' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token, a lease token, or an identity token of a configured issuer.',
        },
      },
      responses: {
        Problem: {
          description: `A refusal (RFC 9457). Codes:\n\n${codes()}`,
          headers: {
            'Retry-After': { description: 'Seconds, where trying again helps.', schema: { type: 'string' } },
          },
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
      schemas: Object.fromEntries(
        Object.entries(components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
    },
  }
}

const codes = (): string =>
  (Object.keys(REFUSALS) as RefusalCode[])
    .toSorted((a, b) => STATUS[a] - STATUS[b])
    .map((code) => `- ${STATUS[code]} \`${code}\`: ${REFUSALS[code]}`)
    .join('\n')
