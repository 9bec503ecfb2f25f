import type { HostAnswer, HostTarget } from '../app/ports/hosts.ts'

/** One program started on a host. `command` is built by this folder from fixed words only, never from callers' text. */
export interface RemoteCommand {
  readonly command: string
  readonly stdin: string
  /** When it has not ended by then the connection is given up. */
  readonly timeoutMilliseconds: number
}

export interface RemoteResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A way to start a program on a host: SSH now. May start it twice when a connection breaks: verbs are idempotent. */
export interface HostChannel {
  execute(target: HostTarget, command: RemoteCommand): Promise<HostAnswer<RemoteResult>>
}
