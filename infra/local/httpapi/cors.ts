import type { CorsConfiguration } from '../assembly/types.ts'
import type { Answer } from './answer.ts'

type Headers = Readonly<Record<string, string>>

/** The gateway answers preflights itself, before any route. Undefined: this is none. */
export function preflight(cors: CorsConfiguration, method: string, headers: Headers): Answer | undefined {
  if (method !== 'OPTIONS' || !headers['origin'] || !headers['access-control-request-method'])
    return undefined
  const allowed = originHeaders(cors, headers)
  const granted: Record<string, string> = { ...allowed }
  if (allowed['access-control-allow-origin'] !== undefined) {
    if (cors.allowMethods.length > 0) granted['access-control-allow-methods'] = cors.allowMethods.join(',')
    if (cors.allowHeaders.length > 0) granted['access-control-allow-headers'] = cors.allowHeaders.join(',')
    if (cors.maxAgeSeconds !== undefined) granted['access-control-max-age'] = String(cors.maxAgeSeconds)
  }
  return { status: 204, headers: granted, body: '' }
}

/** With a configuration the gateway's headers replace those of the function. */
export function withCors(answer: Answer, cors: CorsConfiguration | undefined, request: Headers): Answer {
  if (!cors) return answer
  const kept = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'))
  return { ...answer, headers: { ...Object.fromEntries(kept), ...originHeaders(cors, request) } }
}

function originHeaders(cors: CorsConfiguration, request: Headers): Headers {
  const origin = request['origin']
  if (origin === undefined || !cors.allowOrigins.some((pattern) => fits(pattern, origin))) return {}
  const any = cors.allowOrigins.includes('*')
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(!any && { vary: 'origin' }),
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.exposeHeaders.length > 0 && { 'access-control-expose-headers': cors.exposeHeaders.join(',') }),
  }
}

/** `*`, `https://*` or one origin. */
function fits(pattern: string, origin: string): boolean {
  return pattern.endsWith('*') ? origin.startsWith(pattern.slice(0, -1)) : pattern === origin
}
