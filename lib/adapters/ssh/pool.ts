import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { TargetOver } from '../../app/ports/hosts.ts'
import { connect, type Connection } from './connection.ts'
import { pinnedDigest } from './host-key.ts'
import { ConnectionTrouble, hostTrouble } from './trouble.ts'

export interface PoolSettings {
  /** OpenSSH or PEM private key. Asked for at each new connection; cache it there. */
  readonly privateKey: () => Promise<string>
  readonly readyTimeoutMilliseconds: number
  readonly keepaliveMilliseconds: number
}

export interface Pool {
  /** The healthy connection to that host, or a new one. Rejects with `ConnectionTrouble`. */
  get(target: TargetOver<'ssh'>): Promise<Connection>
  close(): void
}

/** A pin says not of which type its key is, so each type is asked for in turn until one matches. */
const HOST_KEY_TYPES: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
]

/** One connection per address, port, user and pinned key, kept as long as it is healthy. */
export function createPool(settings: PoolSettings): Pool {
  const connections = new Map<string, Promise<Connection>>()
  return {
    get: async (target) => {
      const key = JSON.stringify([target.address, target.port, target.user, target.hostKey])
      const known = connections.get(key)
      if (known) {
        const connection = await settled(known)
        if (connection?.healthy) return connection
        if (connections.get(key) === known) connections.delete(key)
      }
      const pending = connections.get(key) ?? establish(target, settings)
      connections.set(key, pending)
      return pending
    },
    close: () => {
      for (const pending of connections.values()) {
        void settled(pending).then((connection) => connection?.close())
      }
      connections.clear()
    },
  }
}

async function settled(pending: Promise<Connection> | undefined): Promise<Connection | undefined> {
  try {
    return await pending
  } catch (error) {
    if (error instanceof ConnectionTrouble) return undefined
    throw error
  }
}

async function establish(target: TargetOver<'ssh'>, settings: PoolSettings): Promise<Connection> {
  if (!pinnedDigest(target.hostKey)) {
    throw hostTrouble('host_key_mismatch', 'the host has no valid pinned key (SHA256:...)')
  }
  const privateKey = await settings.privateKey()
  let mismatch: ConnectionTrouble | undefined
  for (const hostKeyAlgorithms of HOST_KEY_TYPES) {
    try {
      return await connect(target, { ...settings, privateKey, hostKeyAlgorithms })
    } catch (error) {
      if (!(error instanceof ConnectionTrouble) || !concernsHostKey(error)) throw error
      mismatch ??= error
    }
  }
  throw hostTrouble('host_key_mismatch', mismatch?.message ?? 'no key type matches')
}

const concernsHostKey = (trouble: ConnectionTrouble): boolean =>
  (trouble.answer.kind === 'failed' && trouble.answer.code === 'host_key_mismatch') ||
  /no matching (?:server )?host key/i.test(trouble.message)
