import { timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection } from 'ssh2'
import { fingerprintOf, keepKeyPair } from './keys.ts'
import { type LocalHost, type LocalReach, markHost, type Marker } from './local-host.ts'
import { serveSession, type Shell } from './session.ts'

export interface SimulatedHostOptions {
  /** Home of the login user, and all that the host keeps: its key, too. Made where it is missing. */
  readonly directory: string
  /** One line as in `authorized_keys`. */
  readonly authorizedKey: string
  readonly name: string
  readonly marker?: Marker
  /** Default: the one it had before in this directory if that is free, else any free one. */
  readonly port?: number
}

export interface SimulatedHost extends LocalHost {
  /** Its key is the same after a restart in the same directory. */
  readonly reach: Extract<LocalReach, { readonly transport: 'ssh' }>
  /** Hangs up on everybody and stops listening. What was started goes on, as on a host whose sshd stops. */
  close(): Promise<void>
}

/** An SSH server in this process that runs real shells as the current user, on 127.0.0.1. */
export async function startSimulatedHost(options: SimulatedHostOptions): Promise<SimulatedHost> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const directory = realpathSync(options.directory)
  const user = userInfo().username
  const key = keepKeyPair(join(directory, '.ssh'), 'host_ed25519')
  const shell = prepareShell(directory, user, options.marker)
  const clients = new Set<Socket>()

  const ssh = new ssh2.Server({ hostKeys: [key.privateKey] }, (client: Connection) => {
    client.on('authentication', (context) => authenticate(context, user, options.authorizedKey))
    client.on('session', (accept) => serveSession(accept(), shell))
    client.on('error', () => client.end())
  })
  const listener = createServer({ noDelay: true }, (socket) => {
    clients.add(socket)
    socket.once('close', () => clients.delete(socket))
    ssh.injectSocket(socket)
  })
  const port = await listen(listener, options.port, join(directory, '.ssh', 'port'))
  return {
    name: options.name,
    directory,
    reach: {
      transport: 'ssh',
      address: '127.0.0.1',
      port,
      user,
      hostKey: fingerprintOf(key.publicKey),
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      for (const socket of clients) socket.destroy()
      await closed
    },
  }
}

/**
 * A host keeps its address over a restart: whoever was told of it before would else meet nobody there, and take the host
 * for a lost one.
 */
async function listen(
  listener: ReturnType<typeof createServer>,
  wanted: number | undefined,
  file: string,
): Promise<number> {
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  const port = await listenOn(listener, wanted ?? before).catch((error: NodeJS.ErrnoException) => {
    if (wanted !== undefined || before === 0 || error.code !== 'EADDRINUSE') throw error
    return listenOn(listener, 0)
  })
  writeFileSync(file, `${port}`)
  return port
}

function listenOn(listener: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(port, '127.0.0.1', () => {
      listener.removeListener('error', reject)
      resolve((listener.address() as AddressInfo).port)
    })
  })
}

function prepareShell(directory: string, user: string, marker: Marker | undefined): Shell {
  return {
    directory,
    environment: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: directory,
      USER: user,
      LOGNAME: user,
      ...markHost(directory, marker),
    },
  }
}

function authenticate(context: AuthContext, user: string, authorizedKey: string): void {
  if (context.method !== 'publickey' || context.username !== user) return context.reject(['publickey'])
  const authorized = ssh2.utils.parseKey(authorizedKey)
  if (authorized instanceof Error) return context.reject(['publickey'])
  const wanted = authorized.getPublicSSH()
  const same = wanted.length === context.key.data.length && timingSafeEqual(wanted, context.key.data)
  const proven =
    !context.signature ||
    !context.blob ||
    authorized.verify(context.blob, context.signature, context.hashAlgo)
  if (same && proven) return context.accept()
  context.reject(['publickey'])
}
