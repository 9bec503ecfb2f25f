import type { z } from 'zod'
import { routes } from '../contract/routes.ts'
import type { Route, RouteName } from '../contract/routes.ts'
import { ProblemError } from './errors.ts'

type RouteOf<N extends RouteName> = (typeof routes)[N]
type Fields<S extends z.ZodObject> = keyof S['shape'] extends never ? unknown : z.output<S>
type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined }
type Body<R> = R extends { readonly body: infer B extends z.ZodType }
  ? { readonly body: z.input<B> }
  : unknown

/** What a route is asked with: path parameters and query by name, the body apart. */
export type Ask<N extends RouteName> = Fields<RouteOf<N>['parameters']> &
  Optional<Fields<RouteOf<N>['query']>> &
  Body<RouteOf<N>>

/** What it answers. */
export type Answer<N extends RouteName> = z.output<RouteOf<N>['success']['body']>

export interface Prepared {
  readonly route: Route
  /** Path and query, without the service's address. */
  readonly target: string
  readonly body: string | undefined
}

/**
 * Turns an ask into a request line. Path parameters are judged here: `..` in a path would be another route.
 * @throws ProblemError `malformed`
 */
export function prepare(name: RouteName, ask: object): Prepared {
  const route: Route = routes[name]
  const given = ask as Readonly<Record<string, unknown>>
  const parameters = route.parameters.safeParse(pick(given, route.parameters))
  if (!parameters.success) {
    const detail = parameters.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ')
    throw new ProblemError({ code: 'malformed', status: 400, detail })
  }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(String(parameters.data[key])),
  )
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(pick(given, route.query))) query.set(key, String(value))
  return {
    route,
    target: query.size === 0 ? path : `${path}?${query.toString()}`,
    body: route.body === undefined ? undefined : JSON.stringify(given['body']),
  }
}

function pick(given: Readonly<Record<string, unknown>>, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(schema.shape)
      .filter((key) => given[key] !== undefined)
      .map((key) => [key, given[key]]),
  )
}
