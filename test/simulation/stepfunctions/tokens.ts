import { StateFailure } from '../../../infra/local/stepfunctions/asl/failure.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** Task tokens that somebody waits for. */
export interface Tokens {
  /** Resolves when the token is used; fails by time, or by a heartbeat that did not come. */
  readonly wait: (token: string, timeoutMs: number, heartbeatMs: number | undefined) => Promise<void>
  /** False where nobody waits for it any more. */
  readonly succeed: (token: string) => boolean
  readonly heartbeat: (token: string) => boolean
  readonly drop: (token: string) => void
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (failure: StateFailure) => void
  readonly heartbeatMs: number | undefined
  /** Which heartbeat is the last one, so that an older one's time means nothing. */
  beats: number
}

export function createTokens(kernel: Kernel): Tokens {
  const waiting = new Map<string, Waiting>()

  function fail(token: string, error: string): void {
    const found = waiting.get(token)
    if (waiting.delete(token)) found?.reject(new StateFailure(error, ''))
  }

  function expectHeartbeat(token: string, found: Waiting): void {
    if (found.heartbeatMs === undefined) return
    const beat = (found.beats += 1)
    kernel.after(found.heartbeatMs, () => {
      if (waiting.get(token)?.beats === beat) fail(token, 'States.HeartbeatTimeout')
    })
  }

  return {
    wait: (token, timeoutMs, heartbeatMs) =>
      new Promise((resolve, reject) => {
        const found: Waiting = { resolve, reject, heartbeatMs, beats: 0 }
        waiting.set(token, found)
        kernel.after(timeoutMs, () => fail(token, 'States.Timeout'))
        expectHeartbeat(token, found)
      }),
    succeed: (token) => {
      const found = waiting.get(token)
      if (!waiting.delete(token)) return false
      found?.resolve()
      return true
    },
    heartbeat: (token) => {
      const found = waiting.get(token)
      if (found) expectHeartbeat(token, found)
      return found !== undefined
    },
    drop: (token) => void waiting.delete(token),
  }
}
