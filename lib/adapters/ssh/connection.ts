import { connect as connectSocket } from 'node:net'
import { Client, type ClientChannel, type ServerHostKeyAlgorithm } from 'ssh2'
import type { TargetOver } from '../../app/ports/hosts.ts'
import type { RemoteCommand, RemoteResult } from '../../host/channel.ts'
import { isPinnedKey } from './host-key.ts'
import { busy, type ConnectionTrouble, handshakeTrouble, hostTrouble, lost } from './trouble.ts'

/** One authenticated connection. It keeps the process alive only while a command is under way. */
export interface Connection {
  /** Rejects with `ConnectionTrouble`. */
  execute(command: RemoteCommand): Promise<RemoteResult>
  /** False as soon as it cannot take another command. */
  readonly healthy: boolean
  close(): void
}

export interface ConnectionSettings {
  readonly privateKey: string
  readonly readyTimeoutMilliseconds: number
  readonly keepaliveMilliseconds: number
  /** Offered for the host's key; the server uses the first that it has. */
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[]
}

/** Connects and authenticates. Rejects with `ConnectionTrouble`. */
export async function connect(target: TargetOver<'ssh'>, settings: ConnectionSettings): Promise<Connection> {
  const client = new Client()
  // ssh2's own keepalive is a timer that would keep an idle process alive; the kernel's does not.
  const socket = connectSocket({
    host: target.address,
    port: target.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: settings.keepaliveMilliseconds,
  })
  let mismatch = false
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    // More than one may come, and one that nobody listens to would end the process.
    client.on('error', (error) => {
      socket.destroy()
      reject(
        mismatch
          ? hostTrouble('host_key_mismatch', 'the host has another key than the pinned one')
          : handshakeTrouble(error),
      )
    })
    client.once('close', () => reject(busy('the host hung up during the handshake')))
    client.connect({
      sock: socket,
      username: target.user,
      privateKey: settings.privateKey,
      readyTimeout: settings.readyTimeoutMilliseconds,
      keepaliveInterval: 0,
      agentForward: false,
      algorithms: { serverHostKey: [...settings.hostKeyAlgorithms] },
      hostVerifier: (key: Buffer) => {
        mismatch = !isPinnedKey(target.hostKey, key)
        return !mismatch
      },
    })
  })
  return keepConnection(client, socket)
}

function keepConnection(client: Client, socket: ReturnType<typeof connectSocket>): Connection {
  const underWay = new Set<(trouble: ConnectionTrouble) => void>()
  let broken: ConnectionTrouble | undefined
  const breakOff = (trouble: ConnectionTrouble): void => {
    broken ??= trouble
    socket.destroy()
    for (const fail of underWay) fail(broken)
  }
  client.on('error', (error) => breakOff(lost(error.message)))
  client.on('close', () => breakOff(lost('the connection was closed')))
  socket.unref()

  return {
    get healthy() {
      return broken === undefined
    },
    close: () => breakOff(lost('the connection was closed on this side')),
    execute: async (command) => {
      if (broken) throw broken
      socket.ref()
      const timer: { handle?: NodeJS.Timeout } = {}
      let fail: ((trouble: ConnectionTrouble) => void) | undefined
      try {
        return await new Promise<RemoteResult>((resolve, reject) => {
          fail = reject
          underWay.add(reject)
          timer.handle = setTimeout(() => {
            breakOff(hostTrouble('unreachable', `no answer within ${command.timeoutMilliseconds} ms`))
          }, command.timeoutMilliseconds)
          start(client, command, resolve, reject)
        })
      } finally {
        clearTimeout(timer.handle)
        if (fail) underWay.delete(fail)
        if (underWay.size === 0) socket.unref()
      }
    },
  }
}

function start(
  client: Client,
  command: RemoteCommand,
  resolve: (result: RemoteResult) => void,
  reject: (trouble: ConnectionTrouble) => void,
): void {
  client.exec(command.command, (error, channel) => {
    if (error) {
      // A number here is the server's word: MaxSessions. Otherwise the connection itself went away.
      reject(typeof reasonOf(error) === 'number' ? busy(error.message) : lost(error.message))
      return
    }
    collect(channel, resolve, reject)
    channel.end(command.stdin)
  })
}

const reasonOf = (error: Error & { reason?: unknown }): unknown => error.reason

function collect(
  channel: ClientChannel,
  resolve: (result: RemoteResult) => void,
  reject: (trouble: ConnectionTrouble) => void,
): void {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  let exit: { readonly code: number | null } | undefined
  channel.on('data', (chunk: Buffer) => stdout.push(chunk))
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  channel.on('exit', (code: number | null) => (exit = { code: code ?? null }))
  channel.on('error', (error: Error) => reject(lost(error.message)))
  channel.on('close', () => {
    if (!exit) return reject(lost('the channel closed before the command had ended'))
    resolve({
      exitCode: exit.code,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: Buffer.concat(stderr).toString('utf8'),
    })
  })
}
