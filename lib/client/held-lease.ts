import type { CommandRequest } from '../contract/command.ts'
import type { Lease, ReleaseRequest } from '../contract/lease.ts'
import type { Client } from './api.ts'
import { ProblemError } from './errors.ts'
import { streamOutput } from './follow.ts'
import type { CommandEnd, OutputPiece } from './follow.ts'

export type Outcome = NonNullable<ReleaseRequest['outcome']>

/** What the holder of a lease can do with it. */
export interface HeldLease {
  /** As it was when it became active. */
  readonly lease: Lease
  /** The lease token, for calls of one's own. */
  readonly token: string
  /** Starts a program; no shell unless argv[0] is one. */
  readonly run: (argv: readonly string[], options?: Omit<CommandRequest, 'argv'>) => Promise<RunningCommand>
  /** What the release will say, unless the scope throws, which is `failed`. */
  readonly report: (outcome: Outcome) => void
}

/** Iterate it for the output; leaving the loop early loses nothing. */
export interface RunningCommand extends AsyncIterable<OutputPiece> {
  readonly number: number
  /** Reads what is left of the output, without handing it out, and says how the command ended. */
  readonly ended: () => Promise<CommandEnd>
  /** Kills the command; the lease stays. */
  readonly cancel: () => Promise<void>
}

export function heldLease(
  client: Client,
  lease: Lease,
  token: string,
  signal: AbortSignal,
  report: (outcome: Outcome) => void,
): HeldLease {
  return {
    lease,
    token,
    report,
    run: async (argv, options = {}) => {
      const body = { ...options, argv: [...argv] }
      const { number } = await client.runCommand({ id: lease.id, body }, { token, signal })
      return runningCommand(client, lease.id, number, token, signal)
    },
  }
}

export function runningCommand(
  client: Client,
  id: string,
  number: number,
  token: string | undefined,
  signal: AbortSignal | undefined,
): RunningCommand {
  // Patient without end: the renewals notice when the service stays away, and abort the signal.
  const output = streamOutput(client, id, number, { token, signal, retries: Infinity })
  let end: CommandEnd | undefined
  const next = async (): Promise<IteratorResult<OutputPiece, undefined>> => {
    if (end !== undefined) return { done: true, value: undefined }
    const step = await output.next()
    if (!step.done) return step
    end = step.value
    return { done: true, value: undefined }
  }
  return {
    number,
    [Symbol.asyncIterator]: () => ({ next }),
    ended: async () => {
      for (;;) {
        if (end !== undefined) return end
        await next()
      }
    },
    cancel: async () => {
      try {
        await client.cancelCommand({ id, number }, { token, signal })
      } catch (error) {
        // It ended by itself meanwhile.
        if (!(error instanceof ProblemError && error.code === 'already_ended')) throw error
      }
    },
  }
}
