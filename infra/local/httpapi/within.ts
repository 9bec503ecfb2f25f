import type { Clock } from '../stepfunctions/clock.ts'

/** Calls a function and waits for its result. Payloads are JSON values, not text. */
export type Invoke = (functionArn: string, payload: object) => Promise<InvokeResult>

export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string }

/** The result, or `late` when the time is over first; the call itself goes on, as with the real gateway. */
export async function within<T>(clock: Clock, milliseconds: number, call: Promise<T>): Promise<T | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>()
  const cancel = clock.after(milliseconds, () => resolve('late'))
  try {
    return await Promise.race([call, promise])
  } finally {
    cancel()
  }
}
