import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { AcceptConnection, ExecInfo, RejectConnection, ServerChannel, Session } from 'ssh2'

export interface Shell {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

/** Serves `exec` requests of one session as sshd does: the login shell gets the command, in the home directory. */
export function serveSession(session: Session, shell: Shell): void {
  session.on('exec', (accept: AcceptConnection<ServerChannel>, _reject: RejectConnection, info: ExecInfo) => {
    const child = spawn('/bin/sh', ['-c', info.command], { cwd: shell.directory, env: shell.environment })
    connect(accept(), child)
  })
}

function connect(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  // Who writes to a command that has ended already, or has hung up, learns it from the exit status.
  child.stdin.on('error', () => channel.unpipe(child.stdin))
  channel.on('error', () => child.stdin.end())
  child.on('error', (error) => {
    channel.stderr.write(`${error.message}\n`)
    channel.exit(127)
    channel.close()
  })
  child.on('close', (code, signal) => {
    channel.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    channel.close()
  })
}
