/** One HTTP request as it came in, already read. */
export interface Incoming {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly protocol: string
  readonly sourceIp: string
  /** Name, value, name, value: as on the wire. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** What the gateway knows besides the request. */
export interface Envelope {
  readonly account: string
  readonly apiId: string
  readonly domainName: string
  readonly stage: string
  readonly stageVariables: Readonly<Record<string, string>>
  readonly requestId: string
  readonly traceId: string
  readonly epochMilliseconds: number
  readonly port: number
}

export interface RequestParts {
  readonly rawPath: string
  readonly rawQueryString: string
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

/** What the client's connection says of itself goes no further than the gateway. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'upgrade',
  'trailer',
  'expect',
])

/** Splits the request; throws `URIError` on a path that is not percent-encoded UTF-8. */
export function readRequest(incoming: Incoming, envelope: Envelope): RequestParts {
  const mark = incoming.url.indexOf('?')
  const path = mark < 0 ? incoming.url : incoming.url.slice(0, mark)
  const rawQueryString = mark < 0 ? '' : incoming.url.slice(mark + 1)
  const { headers, cookies } = readHeaders(incoming, envelope)
  return {
    rawPath: decodeURIComponent(path),
    rawQueryString,
    headers,
    cookies,
    query: readQuery(rawQueryString),
  }
}

function readHeaders({ rawHeaders, sourceIp }: Incoming, { traceId, port }: Envelope) {
  const headers = new Map<string, string>()
  const cookies: string[] = []
  const add = (name: string, value: string) => {
    const known = headers.get(name)
    headers.set(name, known === undefined ? value : `${known},${value}`)
  }
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    if (name === 'cookie') cookies.push(...value.split(/; */).filter((cookie) => cookie !== ''))
    else if (!hopByHop.has(name)) add(name, value)
  }
  add('x-forwarded-for', sourceIp)
  headers.set('x-forwarded-port', String(port))
  headers.set('x-forwarded-proto', 'http')
  headers.set('x-amzn-trace-id', traceId)
  return { headers: Object.fromEntries([...headers].toSorted(([a], [b]) => (a < b ? -1 : 1))), cookies }
}

function readQuery(text: string): Readonly<Record<string, string>> {
  const query = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    const known = query.get(name)
    query.set(name, known === undefined ? value : `${known},${value}`)
  }
  return Object.fromEntries(query)
}

interface Common {
  readonly incoming: Incoming
  readonly envelope: Envelope
  readonly parts: RequestParts
  readonly routeKey: string
  readonly pathParameters: Readonly<Record<string, string>>
}

/** The event of an integration, payload format 2.0. `authorizer` is the context that the authorizer gave, if any ran. */
export function integrationEvent(common: Common, authorizer?: { readonly lambda: unknown }) {
  const { body, encoded } = readBody(common.incoming, common.parts.headers['content-type'])
  const { stageVariables, ...shared } = sharedFields(common)
  return {
    version: '2.0',
    ...shared,
    requestContext: requestContext(common, authorizer),
    ...(body !== undefined && { body }),
    ...filled('pathParameters', common.pathParameters),
    isBase64Encoded: encoded,
    ...(stageVariables && { stageVariables }),
  }
}

/** The event of a REQUEST authorizer, payload format 2.0: no body, but what identifies the caller. */
export function authorizerEvent(common: Common, routeArn: string, identitySource: readonly string[]) {
  const { stageVariables, ...shared } = sharedFields(common)
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn,
    identitySource,
    ...shared,
    requestContext: requestContext(common),
    ...filled('pathParameters', common.pathParameters),
    ...(stageVariables && { stageVariables }),
  }
}

function sharedFields({ parts, routeKey, envelope }: Common) {
  return {
    routeKey,
    rawPath: parts.rawPath,
    rawQueryString: parts.rawQueryString,
    ...(parts.cookies.length > 0 && { cookies: parts.cookies }),
    headers: parts.headers,
    ...filled('queryStringParameters', parts.query),
    ...filled('stageVariables', envelope.stageVariables),
  }
}

function requestContext(
  { incoming, envelope, parts, routeKey }: Common,
  authorizer?: { readonly lambda: unknown },
) {
  return {
    accountId: envelope.account,
    apiId: envelope.apiId,
    ...(authorizer && { authorizer }),
    domainName: envelope.domainName,
    domainPrefix: envelope.domainName.split('.')[0],
    http: {
      method: incoming.method,
      path: parts.rawPath,
      protocol: incoming.protocol,
      sourceIp: incoming.sourceIp,
      userAgent: parts.headers['user-agent'] ?? '',
    },
    requestId: envelope.requestId,
    routeKey,
    stage: envelope.stage,
    time: commonLogTime(envelope.epochMilliseconds),
    timeEpoch: envelope.epochMilliseconds,
  }
}

function readBody({ body }: Incoming, contentType = '') {
  if (body.length === 0) return { body: undefined, encoded: false }
  const textual = /^(text\/|application\/([\w.+-]*\+)?(json|xml|javascript)\b)/i.test(contentType)
  return { body: body.toString(textual ? 'utf8' : 'base64'), encoded: !textual }
}

function filled<Name extends string>(name: Name, values: Readonly<Record<string, string>>) {
  const entries: { [Key in Name]?: Readonly<Record<string, string>> } = {}
  if (Object.keys(values).length > 0) entries[name] = values
  return entries
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(epochMilliseconds: number): string {
  const [date = '', time = ''] = new Date(epochMilliseconds).toISOString().split(/[T.]/)
  const [year, month, day] = date.split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`
}
