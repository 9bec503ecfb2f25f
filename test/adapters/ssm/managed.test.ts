import { hostsContract } from '../../contracts/hosts.ts'
import { openManagedHost } from '../../support/hosts/managed.ts'

hostsContract('ssm over a managed node', openManagedHost)
