import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { forEachLine } from './lines.ts'

const script = fileURLToPath(new URL('tied.sh', import.meta.url))

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export type TiedOptions = {
  /** The whole environment of the child: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  /** Gets each line of stdout and stderr, without its line end. */
  readonly onLine: (line: string) => void
}

export type TiedProcess = {
  readonly pid: number
  /** Resolves once the process has ended and its output has been passed on; never rejects. */
  readonly ended: Promise<Exit>
  /** SIGKILL to the process and everything in its group; resolves like `ended`. */
  readonly kill: () => Promise<Exit>
  /** SIGTERM, and SIGKILL after the grace (milliseconds) to what did not end by itself. */
  readonly stop: (graceMilliseconds: number) => Promise<Exit>
}

/**
 * Starts a command that cannot outlive this process: it dies, with every process of its group, when this
 * process ends in whatever way, SIGKILL included. It is the leader of a session of its own, so a Ctrl-C in
 * the terminal reaches only this process, which then decides the order of the shutdown. stdin is empty.
 *
 * Throws where the shell cannot be started; a command that does not exist ends with code 127.
 */
export function spawnTied(command: string, args: readonly string[], options: TiedOptions): TiedProcess {
  const child = spawn('/bin/sh', [script, command, ...args], {
    cwd: options.workingDirectory,
    env: { ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) {
    child.once('error', () => undefined) // comes a tick later and says no more than this does
    throw new Error(`cannot start /bin/sh in ${options.workingDirectory ?? '.'}`)
  }
  forEachLine(child.stdout, options.onLine)
  forEachLine(child.stderr, options.onLine)
  child.stdin.on('error', ignoreClosedPipe)
  const ended = end(child)
  const kill = async (): Promise<Exit> => {
    signalGroup(pid, 'SIGKILL')
    return await ended
  }
  const stop = async (graceMilliseconds: number): Promise<Exit> => {
    const grace = new AbortController()
    child.kill('SIGTERM')
    const late = delay(graceMilliseconds, undefined, { signal: grace.signal }).then(kill, () => ended)
    const exit = await Promise.race([ended, late])
    grace.abort()
    return exit
  }
  return { pid, ended, kill, stop }
}

async function end(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Exit> {
  // A process that left the group may hold the output open for ever: what counts is that the leader ended.
  const closed = once(child, 'close')
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  child.stdin.destroy()
  const patience = new AbortController()
  await Promise.race([closed, delay(1000, undefined, { signal: patience.signal }).catch(() => undefined)])
  patience.abort()
  child.stdout.destroy()
  child.stderr.destroy()
  return { code, signal }
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error
}
