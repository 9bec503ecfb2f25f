import { constants } from 'node:os'
import type process from 'node:process'
import { ofSignal } from './exit-codes.ts'

type Name = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
const NAMES: readonly Name[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly signal: Name
  readonly exitCode: number

  constructor(signal: Name) {
    super(`ended by ${signal}`)
    this.signal = signal
    this.exitCode = ofSignal(constants.signals[signal])
  }
}

/**
 * A signal that aborts at the first Ctrl-C (or SIGTERM, SIGHUP, or the death of the process that supervises this one);
 * the second leaves at once. What the supervisor passes on and what the terminal sent itself are one and the same.
 */
export function interruption(self: typeof process, supervised: boolean): AbortSignal {
  const controller = new AbortController()
  const direct = new Map<Name, number>()
  const passedOn = new Map<Name, number>()

  const count = (counts: Map<Name, number>, name: Name) => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const times = NAMES.reduce(
      (sum, each) => sum + Math.max(direct.get(each) ?? 0, passedOn.get(each) ?? 0),
      0,
    )
    if (times > 1) self.exit(new InterruptedError(name).exitCode)
    controller.abort(new InterruptedError(name))
  }
  for (const name of NAMES) self.on(name, () => count(direct, name))
  if (supervised) {
    self.on('message', (message) => {
      const name = NAMES.find((each) => each === (message as { signal?: unknown } | null)?.signal)
      if (name) count(passedOn, name)
    })
    self.on('disconnect', () => controller.abort(new InterruptedError('SIGHUP')))
    // The channel must not keep the process alive when the work is done.
    self.channel?.unref()
  }
  return controller.signal
}
