import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { routes } from '../../lib/contract/routes.ts'
import type { Route } from '../../lib/contract/routes.ts'
import { MAXIMA, MINIMA, POOLS_PER_LEASE, PRIORITIES } from '../../lib/domain/limits.ts'
import { openApiDocument } from '../../lib/http/openapi/document.ts'
import { examples } from '../../lib/http/openapi/examples.ts'

const all = Object.entries<Route>(routes)

test('docs/openapi.json is what the routes make', () => {
  const kept: unknown = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))

  const made: unknown = JSON.parse(JSON.stringify(openApiDocument()))

  expect(kept).toEqual(made)
})

test('every route is an operation of the document', () => {
  const { paths } = openApiDocument() as { readonly paths: Readonly<Record<string, object>> }

  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )

  expect(operations.toSorted()).toEqual(all.map(([, route]) => `${route.method} ${route.path}`).toSorted())
})

test('every reference leads somewhere', () => {
  const document = openApiDocument()
  const text = JSON.stringify(document)

  const dangling = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)]
    .map(([, path = '']) => path)
    .filter((path) => path.split('/').reduce<unknown>(step, document) === undefined)

  expect(dangling).toEqual([])
})

test.each(all.filter(([name]) => name in examples))('the example of %s fits its schema', (name, route) => {
  const read = route.body?.safeParse(examples[name as keyof typeof examples])

  expect(read?.error?.issues).toBeUndefined()
})

test('the document shows the ranges by which a demand is judged', () => {
  const { components } = openApiDocument() as {
    readonly components: { readonly schemas: Readonly<Record<string, { readonly properties: object }>> }
  }

  const properties = components.schemas['LeaseRequest']?.properties

  const seconds = (what: 'ttl' | 'wait' | 'maxHold' | 'keepFor') => ({
    type: 'integer',
    minimum: MINIMA[what] / 1_000,
    maximum: MAXIMA[what] / 1_000,
  })
  expect(properties).toMatchObject({
    ttlSeconds: seconds('ttl'),
    waitSeconds: seconds('wait'),
    maxHoldSeconds: seconds('maxHold'),
    onFailure: { properties: { holdSeconds: seconds('keepFor') } },
    pools: { type: 'array', minItems: 1, maxItems: POOLS_PER_LEASE },
    priority: { type: 'integer', minimum: PRIORITIES.lowest, maximum: PRIORITIES.highest, default: 0 },
  })
})

const step = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
