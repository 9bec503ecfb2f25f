import { expect, test } from 'vitest'
import { compileRoutes } from '../../../infra/local/httpapi/routes.ts'

const keys = [
  '$default',
  'ANY /{proxy+}',
  'GET /{proxy+}',
  'ANY /v1/{proxy+}',
  'GET /v1/leases',
  'GET /v1/leases/{id}',
  'ANY /v1/leases/{id}',
  'GET /v1/leases/mine',
  'GET /v1/{kind}/{id}/events',
]

test.each([
  ['GET', '/v1/leases', 'GET /v1/leases', {}],
  ['GET', '/v1/leases/mine', 'GET /v1/leases/mine', {}],
  ['GET', '/v1/leases/7', 'GET /v1/leases/{id}', { id: '7' }],
  ['PUT', '/v1/leases/7', 'ANY /v1/leases/{id}', { id: '7' }],
  ['GET', '/v1/leases/7/events', 'GET /v1/{kind}/{id}/events', { kind: 'leases', id: '7' }],
  ['POST', '/v1/leases', 'ANY /v1/{proxy+}', { proxy: 'leases' }],
  ['GET', '/v1/leases/', 'ANY /v1/{proxy+}', { proxy: 'leases/' }],
  ['GET', '/other/a b', 'GET /{proxy+}', { proxy: 'other/a b' }],
  ['POST', '/other', 'ANY /{proxy+}', { proxy: 'other' }],
  ['GET', '/', '$default', {}],
])('%s %s goes to %s', (method, path, key, parameters) => {
  const match = compileRoutes(keys.map(route))

  const found = match(method, path)

  expect({ key: found?.route.key, parameters: found?.parameters }).toEqual({ key, parameters })
})

test('without a default route what fits nothing has no route', () => {
  const match = compileRoutes([route('GET /a')])

  const found = [match('GET', '/b'), match('POST', '/a'), match('GET', '/a/'), match('GET', '/a/b')]

  expect(found).toEqual([undefined, undefined, undefined, undefined])
})

function route(key: string) {
  return { key, functionArn: 'fn', timeoutMilliseconds: 30_000 }
}
