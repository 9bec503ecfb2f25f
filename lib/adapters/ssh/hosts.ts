import { setTimeout as delay } from 'node:timers/promises'
import type { Hosts, TargetOver } from '../../app/ports/hosts.ts'
import { createVerbCaller } from '../../host/call.ts'
import type { HostChannel, RemoteCommand, RemoteResult } from '../../host/channel.ts'
import { type HostScript, loadHostScript } from '../../host/script.ts'
import { createHosts } from '../../host/verbs.ts'
import type { Connection } from './connection.ts'
import { createPool, type Pool } from './pool.ts'
import { ConnectionTrouble } from './trouble.ts'

const SESSION_NAPS = [10, 20, 40, 80]

export interface SshHostsOptions {
  /** The control user's private key (OpenSSH or PEM); asked for at each new connection, so cache it there. */
  readonly privateKey: () => Promise<string>
  /** From the start of a connection until it is authenticated. Default 8,000. */
  readonly readyTimeoutMilliseconds?: number
  /** Silence after which the kernel asks whether the host is still there. Default 5,000. */
  readonly keepaliveMilliseconds?: number
  /** Default: the script in `lib/host/script`, or beside the bundle. */
  readonly script?: HostScript
}

/** Hosts over SSH. `disconnect` ends all connections; an idle one does not keep the process alive. */
export function createSshHosts(options: SshHostsOptions): Hosts & { disconnect(): void } {
  const pool = createPool({
    privateKey: options.privateKey,
    readyTimeoutMilliseconds: options.readyTimeoutMilliseconds ?? 8_000,
    keepaliveMilliseconds: options.keepaliveMilliseconds ?? 5_000,
  })
  const channel: HostChannel = {
    execute: async (target, command) => {
      if (target.transport !== 'ssh') throw new Error(`host ${target.name} is not reached over SSH`)
      try {
        return { kind: 'done', value: await executeTwice(pool, target, command) }
      } catch (error) {
        if (error instanceof ConnectionTrouble) return error.answer
        throw error
      }
    },
  }
  const call = createVerbCaller(channel, options.script ?? loadHostScript())
  return { ...createHosts(call), disconnect: () => pool.close() }
}

/** A kept connection may have died unnoticed (a frozen Lambda, a restarted sshd): once more on a new one. */
async function executeTwice(
  pool: Pool,
  target: TargetOver<'ssh'>,
  command: RemoteCommand,
): Promise<RemoteResult> {
  try {
    return await executePatiently(await pool.get(target), command)
  } catch (error) {
    if (!(error instanceof ConnectionTrouble) || !error.retry) throw error
    return await executePatiently(await pool.get(target), command)
  }
}

/** sshd counts a session until it has seen its end, which may be a moment after this side has. */
async function executePatiently(connection: Connection, command: RemoteCommand): Promise<RemoteResult> {
  for (const milliseconds of SESSION_NAPS) {
    try {
      return await connection.execute(command)
    } catch (error) {
      if (!(error instanceof ConnectionTrouble) || error.answer.kind !== 'busy') throw error
      await delay(milliseconds)
    }
  }
  return await connection.execute(command)
}
