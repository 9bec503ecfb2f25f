import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface Drydock {
  readonly kill: (signal: NodeJS.Signals) => void
  /** The terminal's Ctrl-C: every process of the foreground group gets it. */
  readonly interrupt: () => void
  readonly stderr: () => string
  /** Resolves when stderr holds the text. */
  readonly says: (text: string) => Promise<void>
  readonly closeStdout: () => void
  readonly ended: Promise<Ended>
}

export interface Start {
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Which Node starts it; default: the one that runs the tests. */
  readonly node?: string
  readonly bin?: string
  /** What comes through its standard input; default: it has none. */
  readonly input?: string
}

const BIN = fileURLToPath(new URL('../../lib/client/cli/bin.mjs', import.meta.url))

/** The command as its users start it: a process with pipes. Kill what a test leaves with `kill('SIGKILL')`. */
export function drydock(argv: readonly string[], start: Start = {}): Drydock {
  const child = spawn(start.node ?? process.execPath, [start.bin ?? BIN, ...argv], {
    cwd: start.cwd,
    env: { PATH: process.env['PATH'], ...start.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(start.input)
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: Buffer.concat(stdout),
    stderr,
  }))
  return {
    ended,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    interrupt: () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGINT')),
    closeStdout: () => child.stdout.destroy(),
    says: async (text) => {
      while (!stderr.includes(text)) await once(child.stderr, 'data')
    },
  }
}
