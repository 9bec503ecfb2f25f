import type { HostAnswer } from '../../app/ports/hosts.ts'

/** What went wrong with a connection, already judged; `retry` when a new connection may well do better. */
export class ConnectionTrouble extends Error {
  readonly answer: HostAnswer<never>
  readonly retry: boolean

  constructor(answer: HostAnswer<never>, retry: boolean) {
    super('detail' in answer ? answer.detail : answer.kind)
    this.answer = answer
    this.retry = retry
  }
}

export const busy = (detail: string): ConnectionTrouble =>
  new ConnectionTrouble({ kind: 'busy', detail }, false)

export const lost = (detail: string): ConnectionTrouble => hostTrouble('unreachable', detail, true)

export const hostTrouble = (
  code: 'unreachable' | 'host_key_mismatch' | 'authentication_failed',
  detail: string,
  retry = false,
): ConnectionTrouble => new ConnectionTrouble({ kind: 'failed', fault: 'host', code, detail }, retry)

/** ssh2 tells its errors apart only by `level` and words. */
export function handshakeTrouble(error: Error & { level?: string; code?: string }): ConnectionTrouble {
  if (error.level === 'client-authentication') return hostTrouble('authentication_failed', error.message)
  // A daemon above MaxStartups accepts and hangs up; one that is not there refuses.
  if (error.message.includes('Connection lost before handshake') || error.code === 'ECONNRESET') {
    return busy(`the host hung up before the handshake: ${error.message}`)
  }
  return hostTrouble('unreachable', error.message)
}
