import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { HostTarget } from '../../../lib/app/ports/hosts.ts'
import { createVerbCaller } from '../../../lib/host/call.ts'
import type { HostChannel } from '../../../lib/host/channel.ts'
import { loadHostScript } from '../../../lib/host/script.ts'
import { createHosts } from '../../../lib/host/verbs.ts'
import { type OpenHosts, removeHost, temporaryDirectory } from './open-hosts.ts'

/**
 * The host script under a real shell on this machine, without a network: dash where it is installed. `isolation` is
 * what its operator demands.
 */
export function openShellHost(isolation = 'process'): OpenHosts {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'isolation'), `${isolation}\n`)
  const target: HostTarget = {
    name: 'here',
    transport: 'ssh',
    address: '127.0.0.1',
    port: 22,
    user: 'nobody',
    hostKey: '',
    directory,
  }
  const hosts = createHosts(createVerbCaller(shellChannel(directory), loadHostScript()))
  return { hosts, target, close: async () => removeHost(directory) }
}

function shellChannel(directory: string): HostChannel {
  const PATH = withDash(directory, process.env['PATH'] ?? '/usr/bin:/bin')
  return {
    execute: async (_target, command) => {
      const child = spawn('sh', ['-c', command.command], { cwd: directory, env: { PATH, HOME: directory } })
      child.stdin.on('error', () => undefined) // it may end before it has read everything; its exit code says why
      child.stdin.end(command.stdin)
      const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
      return { kind: 'done', value: { exitCode: await exited, stdout, stderr } }
    },
  }
}

function withDash(directory: string, path: string): string {
  if (!existsSync('/usr/bin/dash')) return path
  const shells = join(directory, 'shells')
  mkdirSync(shells)
  symlinkSync('/usr/bin/dash', join(shells, 'sh'))
  return `${shells}:${path}`
}
