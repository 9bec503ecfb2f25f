import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fingerprintOf, keepKeyPair } from '../../infra/local/hosts/keys.ts'
import { freePort } from '../../infra/local/processes/free-port.ts'

const DAEMON = '/usr/sbin/sshd'

/** Whether OpenSSH's server is installed here. */
export const hasOpenSsh = existsSync(DAEMON)

export interface OpenSsh {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly hostKey: string
  /** Of the daemon; its sessions are under it. */
  readonly pid: number
  close(): Promise<void>
}

/**
 * Starts a real sshd on loopback for the current user, with a key of its own and nothing of the machine's
 * configuration. `settings` are further lines of sshd_config; `place` is where it listens, default: any free port.
 */
export async function startOpenSsh(
  directory: string,
  authorizedKey: string,
  settings: readonly string[] = [],
  place: { readonly address?: string; readonly port?: number } = {},
): Promise<OpenSsh> {
  const key = keepKeyPair(directory, 'host_ed25519')
  const { address = '127.0.0.1', port = await freePort() } = place
  const authorized = join(directory, 'authorized_keys')
  writeFileSync(authorized, `${authorizedKey}\n`, { mode: 0o600 })
  const configuration = join(directory, 'sshd_config')
  writeFileSync(
    configuration,
    [
      ...settings,
      // A shell that sshd starts reads the user's own start-up files: this machine's are no part of the test.
      `SetEnv HOME=${directory}`,
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${join(directory, 'host_ed25519')}`,
      `AuthorizedKeysFile ${authorized}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'UsePAM no',
      'StrictModes no',
      '',
    ].join('\n'),
  )
  // Where sshd runs as root it drops its rights in this directory, and refuses to start without it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const daemon = spawn(DAEMON, ['-D', '-e', '-f', configuration], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  daemon.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  await listening({ address, port }, () => {
    if (daemon.exitCode !== null) throw new Error(`sshd ended with ${daemon.exitCode}: ${said.join('')}`)
  })
  return {
    address,
    port,
    pid: daemon.pid ?? 0,
    user: userInfo().username,
    hostKey: fingerprintOf(key.publicKey),
    close: async () => {
      if (daemon.exitCode !== null || daemon.signalCode !== null) return
      const exited = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await exited
    },
  }
}

async function listening(
  { address, port }: { readonly address: string; readonly port: number },
  check: () => void,
): Promise<void> {
  for (;;) {
    check()
    const socket = connect(port, address)
    const answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (answered) return
    await delay(10)
  }
}
