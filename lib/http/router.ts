import type { z } from 'zod'
import { routes } from '../contract/routes.ts'
import type { Route, RouteName } from '../contract/routes.ts'
import type { Caller } from '../domain/access.ts'
import type { Result } from '../domain/refusals.ts'
import { refuse } from '../domain/refusals.ts'
import { answer } from './answer.ts'
import type { Answer } from './answer.ts'
import { callerOf, permit } from './caller.ts'
import type { IdempotencyKey } from './idempotency.ts'
import { refusalAnswer } from './problem.ts'
import type { ApiEvent, Request } from './request.ts'
import { readRequest } from './request.ts'

type RouteOf<N extends RouteName> = (typeof routes)[N]

/** Names of the routes that one function serves. */
export type ServedBy<S extends Route['served']> = {
  [N in RouteName]: RouteOf<N>['served'] extends S ? N : never
}[RouteName]

/** A request as its route's schemas made it. */
export interface RequestOf<N extends RouteName> {
  readonly caller: Caller
  readonly parameters: z.output<RouteOf<N>['parameters']>
  readonly query: z.output<RouteOf<N>['query']>
  readonly body: RouteOf<N> extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined
  readonly key: RouteOf<N> extends { readonly idempotencyKey: 'required' } ? IdempotencyKey : undefined
}

export interface Reply<N extends RouteName> {
  readonly body: z.input<RouteOf<N>['success']['body']>
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler<N extends RouteName> = (request: RequestOf<N>) => Promise<Result<Reply<N>>>

export type Handlers<N extends RouteName> = { readonly [Name in N]: Handler<Name> }

type AnyHandler = (
  request: Request,
) => Promise<Result<{ readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }>>

interface Served {
  readonly name: string
  readonly route: Route
  readonly handler: AnyHandler
}

/** Who calls, which route, may they, is it well formed: then, and only then, the use case. */
export function createRouter<N extends RouteName>(
  handlers: Handlers<N>,
): (event: ApiEvent) => Promise<Answer> {
  const served = new Map<string, Served>()
  for (const [name, handler] of Object.entries(handlers as unknown as Record<string, AnyHandler>)) {
    const route: Route = routes[name as N]
    served.set(`${route.method} ${route.path}`, { name, route, handler })
  }

  return async (event) => {
    const { requestId, authorizer } = event.requestContext
    const caller = callerOf(authorizer?.lambda)
    if (!caller.ok) return refusalAnswer(caller.refusal, requestId)
    const found = served.get(event.routeKey)
    if (!found) return refusalAnswer(noSuchRoute(event).refusal, requestId)
    const permitted = permit(found.route.permission, caller.value)
    if (!permitted.ok) return refusalAnswer(permitted.refusal, requestId)
    const request = readRequest(found.name, found.route, event, caller.value)
    if (!request.ok) return refusalAnswer(request.refusal, requestId)
    const result = await found.handler(request.value)
    if (!result.ok) return refusalAnswer(result.refusal, requestId)
    return answer(found.route.success.status, result.value.body, result.value.headers)
  }
}

const noSuchRoute = (event: ApiEvent) =>
  refuse('not_found', `There is no route ${event.requestContext.http.method} ${event.rawPath}.`)
