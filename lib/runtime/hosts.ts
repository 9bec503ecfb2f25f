import { SSMClient } from '@aws-sdk/client-ssm'
import { createSshHosts } from '../adapters/ssh/hosts.ts'
import { createSsmHosts } from '../adapters/ssm/hosts.ts'
import type { Ports } from '../app/ports/ports.ts'
import { byTransport } from '../host/by-transport.ts'
import { systemChance } from './chance.ts'
import { systemClock } from './clock.ts'
import { gzip } from './compression.ts'
import { connections } from './connections.ts'
import { composeCore } from './core.ts'
import type { CoreEnvironment, CorePorts } from './core.ts'
import { composeParameters } from './parameters.ts'
import { knownKey } from './server-key.ts'
import { createVault } from './vault.ts'

/** For functions that reach hosts; kept apart because it brings the SSH library with it. */
export function composeWithHosts(
  environment: CoreEnvironment & { readonly SSH_KEY_PARAMETER: string; readonly HOST_DOCUMENT: string },
): CorePorts & Pick<Ports, 'hosts' | 'compression'> {
  const parameters = composeParameters()
  const hosts = byTransport({
    ssh: createSshHosts({ privateKey: () => parameters.read(environment.SSH_KEY_PARAMETER) }),
    ssm: createSsmHosts({
      // Its caller knows better what may be sent again, and when.
      client: new SSMClient({ requestHandler: connections, maxAttempts: 1 }),
      document: environment.HOST_DOCUMENT,
      clock: systemClock,
      fraction: () => systemChance.fraction(),
      opaque: () => systemChance.opaque(),
    }),
  })
  return { ...composeCore(environment), hosts, compression: gzip }
}

/** For whoever follows commands, and needs to know their secrets. */
export function composeToFollow(
  environment: Parameters<typeof composeWithHosts>[0] & { readonly SECRET_KEY_PARAMETER: string },
): CorePorts & Pick<Ports, 'hosts' | 'compression' | 'vault'> {
  const parameters = composeParameters()
  const vault = createVault(() => knownKey(parameters, environment.SECRET_KEY_PARAMETER))
  return { ...composeWithHosts(environment), vault }
}
