import { randomUUID } from 'node:crypto'
import { routes } from '../contract/routes.ts'
import type { RouteName } from '../contract/routes.ts'
import { prepare } from './ask.ts'
import type { Answer, Ask, Prepared } from './ask.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { UnreachableError } from './errors.ts'
import { readReply } from './reply.ts'
import type { Reply } from './reply.ts'
import { delayBeforeRetry } from './retry.ts'

export interface ClientSettings extends Partial<Clock> {
  /** The service's address, e.g. `https://drydock.example.com`. */
  readonly url: string
  /** API token. */
  readonly token: string
  readonly fetch?: typeof fetch
  /** Attempts after the first; waits grow to 10 s. Default 8: about a quarter of a minute. */
  readonly retries?: number
}

export interface CallOptions {
  /** Instead of the client's: the lease token renews, runs and releases. */
  readonly token?: string | undefined
  /** Aborts the call at once. */
  readonly signal?: AbortSignal | undefined
  /** When it aborts, the attempt under way is the last: nothing that it creates goes unknown. */
  readonly lastAttempt?: AbortSignal | undefined
  /** Default: made for this call, the same over its retries. */
  readonly idempotencyKey?: string | undefined
  readonly retries?: number | undefined
  /** For one attempt. Default 35 s: the service answers or gives up within 30 s. */
  readonly timeoutMilliseconds?: number | undefined
}

export interface Answered<N extends RouteName> {
  readonly value: Answer<N>
  readonly retryAfterMilliseconds: number | undefined
}

type Method<N extends RouteName> =
  object extends Ask<N>
    ? (ask?: Ask<N>, options?: CallOptions) => Promise<Answer<N>>
    : (ask: Ask<N>, options?: CallOptions) => Promise<Answer<N>>

/** One method per route, named as in the route table. */
export type Client = { readonly [N in RouteName]: Method<N> } & {
  readonly clock: Clock
  /** As the route's method, with what the answer's head says. */
  readonly call: <N extends RouteName>(name: N, ask: Ask<N>, options?: CallOptions) => Promise<Answered<N>>
}

/**
 * A client of the HTTP API. Calls retry what may be retried and reject with ProblemError (the service refused),
 * UnreachableError (nobody answered), UnexpectedAnswerError (it is not our service) or the signal's reason.
 */
export function createClient(settings: ClientSettings): Client {
  const clock: Clock = {
    now: settings.now ?? systemClock.now,
    sleep: settings.sleep ?? systemClock.sleep,
    random: settings.random ?? systemClock.random,
  }
  const connection = { url: address(settings.url), fetch: settings.fetch ?? fetch, now: clock.now }

  const call = async (name: RouteName, ask: object = {}, options: CallOptions = {}): Promise<Reply> => {
    const prepared = prepare(name, ask)
    const headers = headersOf(prepared, options.token ?? settings.token, options.idempotencyKey)
    const retries = options.retries ?? settings.retries ?? 8
    for (let attempt = 0; ; attempt += 1) {
      options.signal?.throwIfAborted()
      try {
        return await send(connection, prepared, headers, options)
      } catch (error) {
        options.signal?.throwIfAborted()
        const delay = delayBeforeRetry(prepared.route, error, attempt, clock.random)
        if (delay === undefined || attempt >= retries) throw error
        await clock.sleep(delay, anyOf(options.signal, options.lastAttempt))
      }
    }
  }

  const methods: Record<string, unknown> = {}
  for (const name of Object.keys(routes) as RouteName[]) {
    methods[name] = async (ask?: object, options?: CallOptions) => (await call(name, ask, options)).value
  }
  // The route table, from which the names come and by which the answers were judged, gives them their types.
  return { ...methods, call, clock } as unknown as Client
}

interface Connection {
  readonly url: string
  readonly fetch: typeof fetch
  readonly now: () => number
}

async function send(
  connection: Connection,
  { route, target, body }: Prepared,
  headers: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<Reply> {
  const timeout = AbortSignal.timeout(options.timeoutMilliseconds ?? 35_000)
  const signal = anyOf(options.signal, timeout) ?? timeout
  const init = { method: route.method, headers, signal, redirect: 'manual' as const }
  let response: Response
  let text: string
  try {
    response = await connection.fetch(connection.url + target, body === undefined ? init : { ...init, body })
    text = await response.text()
  } catch (error) {
    throw new UnreachableError(connection.url, error)
  }
  return readReply(route, response, text, connection.now())
}

function headersOf(
  { route, body }: Prepared,
  token: string,
  key: string | undefined,
): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(route.idempotencyKey === undefined ? {} : { 'idempotency-key': key ?? randomUUID() }),
  }
}

function address(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new TypeError(`not an address of the service: ${url}`)
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, '')
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined)
  return given.length > 1 ? AbortSignal.any(given) : given[0]
}
