import { generateKeyPair } from '../../../infra/local/hosts/keys.ts'
import { startSimulatedHost } from '../../../infra/local/hosts/simulated-host.ts'
import { createSshHosts } from '../../../lib/adapters/ssh/hosts.ts'
import type { TargetOver } from '../../../lib/app/ports/hosts.ts'
import { type OpenHosts, removeHost, temporaryDirectory } from './open-hosts.ts'

/** The SSH adapter over an SSH server in this process. */
export async function openSimulatedHost(): Promise<
  OpenHosts<TargetOver<'ssh'>> & { readonly privateKey: string }
> {
  const directory = temporaryDirectory()
  const { privateKey, publicKey } = generateKeyPair()
  const server = await startSimulatedHost({ directory, authorizedKey: publicKey, name: 'simulated' })
  const hosts = createSshHosts({ privateKey: async () => privateKey })
  const target: TargetOver<'ssh'> = {
    name: 'simulated',
    ...server.reach,
    directory: 'drydock',
  }
  return {
    hosts,
    target,
    privateKey,
    close: async () => {
      hosts.disconnect()
      await server.close()
      removeHost(directory)
    },
  }
}
