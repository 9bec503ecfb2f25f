import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalHost } from '../../../infra/local/hosts/local-host.ts'
import { type SimulatedHost, startSimulatedHost } from '../../../infra/local/hosts/simulated-host.ts'
import { argumentsOf, descendants } from '../../features/support/observe.ts'
import { killNow } from '../../chaos/kills/workers.ts'
import { hasOpenSsh, startOpenSsh } from '../openssh.ts'

/** What answers on the hosts of a fleet; whoever prints figures says so. */
export const SERVERS = hasOpenSsh ? 'OpenSSH' : 'SIMULATED hosts, because there is no sshd here'

export interface HostPlan {
  readonly name: string
  /** What its operator demands in the file `isolation`; absent: the best level that works. */
  readonly isolation?: string
  /** Further lines of sshd_config. */
  readonly settings?: readonly string[]
}

/** A host whose SSH server may be killed and started again. */
export interface FleetHost extends LocalHost {
  readonly home: string
  /**
   * The server and all of its sessions die without warning. What they had started goes on by itself, or dies with them
   * but for what is detached: `verbsToo`.
   */
  kill(options?: { readonly verbsToo?: boolean }): Promise<void>
  /** A new server at the old place, with the identity of the first one or with another. */
  start(options?: { readonly key: 'same' | 'another' }): Promise<void>
  close(): Promise<void>
}

interface Server extends Pick<SimulatedHost, 'reach'> {
  kill(verbsToo: boolean): Promise<void>
  close(): Promise<void>
}

/** Starts a host that keeps everything below `home`. Each has an address of its own where it is a real server. */
export async function startHost(
  home: string,
  { name, isolation, settings = [] }: HostPlan,
  authorizedKey: string,
  address: string,
): Promise<FleetHost> {
  const directory = join(home, 'drydock')
  mkdirSync(directory, { recursive: true })
  chmodSync(home, 0o711) // users of slots pass through
  if (isolation !== undefined) writeFileSync(join(directory, 'isolation'), `${isolation}\n`)
  const begin = async (port?: number): Promise<Server> =>
    hasOpenSsh
      ? openSsh(home, authorizedKey, ['MaxSessions 100', 'MaxStartups 100', ...settings], { address, port })
      : simulated(home, name, authorizedKey, port)
  let server = await begin()
  const { reach } = server
  return {
    name,
    home,
    directory,
    reach,
    kill: async ({ verbsToo = false } = {}) => server.kill(verbsToo),
    start: async ({ key } = { key: 'same' }) => {
      const files = [join(home, 'host_ed25519'), join(home, '.ssh', 'host_ed25519')].filter(existsSync)
      for (const file of files) {
        if (!existsSync(`${file}.first`)) copyFileSync(file, `${file}.first`)
        if (!existsSync(`${file}.first.pub`)) copyFileSync(`${file}.pub`, `${file}.first.pub`)
        rmSync(file)
        rmSync(`${file}.pub`)
        if (key === 'another') continue
        copyFileSync(`${file}.first`, file)
        copyFileSync(`${file}.first.pub`, `${file}.pub`)
      }
      server = await begin(reach.port)
    },
    close: async () => server.close(),
  }
}

async function openSsh(
  home: string,
  authorizedKey: string,
  settings: readonly string[],
  { address, port }: { readonly address: string; readonly port: number | undefined },
): Promise<Server> {
  const daemon = await startOpenSsh(home, authorizedKey, settings, {
    address,
    ...(port === undefined ? {} : { port }),
  })
  const { user, hostKey } = daemon
  return {
    reach: { transport: 'ssh', address: daemon.address, port: daemon.port, user, hostKey },
    close: async () => daemon.close(),
    kill: async (verbsToo) => {
      const isSession = (pid: number) => /^(\S*\/)?sshd/.test(argumentsOf(pid)[0] ?? '')
      const under = descendants(daemon.pid).filter((pid) => verbsToo || isSession(pid))
      for (const pid of [daemon.pid, ...under]) killNow(pid)
      await daemon.close()
    },
  }
}

async function simulated(
  home: string,
  name: string,
  authorizedKey: string,
  port: number | undefined,
): Promise<Server> {
  const server = await startSimulatedHost({
    directory: home,
    name,
    authorizedKey,
    ...(port === undefined ? {} : { port }),
  })
  return { ...server, kill: async () => server.close() }
}
