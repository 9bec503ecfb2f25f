import { createSshHosts } from '../adapters/ssh/hosts.ts'
import type { Ports } from '../app/ports/ports.ts'
import { gzip } from './compression.ts'
import { composeCore } from './core.ts'
import type { CoreEnvironment, CorePorts } from './core.ts'
import { composeParameters } from './parameters.ts'

/** For functions that reach hosts; kept apart because it brings the SSH library with it. */
export function composeWithHosts(
  environment: CoreEnvironment & { readonly SSH_KEY_PARAMETER: string },
): CorePorts & Pick<Ports, 'hosts' | 'compression'> {
  const parameters = composeParameters()
  const hosts = createSshHosts({ privateKey: () => parameters.read(environment.SSH_KEY_PARAMETER) })
  return { ...composeCore(environment), hosts, compression: gzip }
}
