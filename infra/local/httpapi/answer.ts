/** What goes back to the client. Header values in lists become several headers. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

/** The gateway's own answers, word for word. */
export const gatewayAnswers = {
  badRequest: message(400, 'Bad Request'),
  unauthorized: message(401, 'Unauthorized'),
  forbidden: message(403, 'Forbidden'),
  notFound: message(404, 'Not Found'),
  tooLarge: message(413, 'Request Entity Too Large'),
  failed: message(500, 'Internal Server Error'),
  unavailable: message(503, 'Service Unavailable'),
} as const

function message(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: text }) }
}

/** A function's result as an answer: structured when it names a `statusCode`, else the bare JSON with 200. */
export function toAnswer(payload: unknown): Answer {
  if (!isRecord(payload) || !('statusCode' in payload)) return bare(payload)
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = payload
  const status = Number(statusCode)
  const malformed =
    !Number.isInteger(status) ||
    status < 100 ||
    status > 599 ||
    typeof body !== 'string' ||
    !isRecord(headers) ||
    !isTexts(cookies)
  if (malformed) return gatewayAnswers.failed
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...lowerCased(headers),
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  }
}

function bare(payload: unknown): Answer {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null)
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}

/** Framing belongs to the gateway: a function's own length or connection header would break it. */
const framing = new Set(['connection', 'transfer-encoding', 'content-length', 'keep-alive'])

function lowerCased(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase()
    if (framing.has(key) || value === null || value === undefined) continue
    result[key] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return result
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
