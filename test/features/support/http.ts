export interface Sent {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Texts go as they are, everything else as JSON. */
  readonly body?: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** One request as it goes over the wire: nothing is judged, retried or added but the token. */
export async function send(url: string, method: string, target: string, sent: Sent = {}): Promise<Reply> {
  const { token, body } = sent
  const response = await fetch(url + target, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as Reply['body'] }
}
