import { generateKeyPair } from '../../../infra/local/hosts/keys.ts'
import { createSshHosts } from '../../../lib/adapters/ssh/hosts.ts'
import type { TargetOver } from '../../../lib/app/ports/hosts.ts'
import { startOpenSsh } from '../openssh.ts'
import { type OpenHosts, removeHost, temporaryDirectory } from './open-hosts.ts'

/** The SSH adapter over a real sshd. `settings` are further lines of sshd_config. */
export async function openOpenSshHost(
  settings: readonly string[] = [],
): Promise<OpenHosts<TargetOver<'ssh'>>> {
  const directory = temporaryDirectory()
  const { privateKey, publicKey } = generateKeyPair()
  const daemon = await startOpenSsh(directory, publicKey, settings)
  const hosts = createSshHosts({ privateKey: async () => privateKey })
  const target: TargetOver<'ssh'> = {
    name: 'openssh',
    transport: 'ssh',
    address: daemon.address,
    port: daemon.port,
    user: daemon.user,
    hostKey: daemon.hostKey,
    directory: `${directory}/drydock`,
  }
  return {
    hosts,
    target,
    close: async () => {
      hosts.disconnect()
      await daemon.close()
      removeHost(directory)
    },
  }
}
