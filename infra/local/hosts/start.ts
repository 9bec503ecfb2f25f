import { join } from 'node:path'
import type { ManagedNode } from '../ssm/commands/agent.ts'
import type { LocalHost, LocalReach, Marker } from './local-host.ts'
import { prepareManagedHost } from './managed-host.ts'
import { startSimulatedHost } from './simulated-host.ts'

export interface Fleet {
  readonly hosts: readonly LocalHost[]
  /** Those of them that Systems Manager shall know. */
  readonly nodes: readonly ManagedNode[]
  close(): Promise<void>
}

/** Hosts of these names, each in its own directory below `home`. */
export async function startHosts(
  names: readonly string[],
  options: {
    readonly transport: LocalReach['transport']
    readonly home: string
    /** Of who may log in over SSH. */
    readonly authorizedKey: string
    readonly marker: Marker
  },
): Promise<Fleet> {
  const { transport, home, authorizedKey, marker } = options
  const placed = names.map((name) => ({ name, directory: join(home, name), marker }))
  if (transport === 'ssm') {
    const hosts = placed.map(prepareManagedHost)
    return { hosts, nodes: hosts.map(({ node }) => node), close: async () => undefined }
  }
  const hosts = await Promise.all(placed.map((each) => startSimulatedHost({ ...each, authorizedKey })))
  const close = async () => {
    await Promise.all(hosts.map((host) => host.close()))
  }
  return { hosts, nodes: [], close }
}
