import { createFakeHosts } from '../../../lib/adapters/memory/hosts.ts'
import type { HostTarget } from '../../../lib/app/ports/hosts.ts'
import { hostsContract } from '../../contracts/hosts.ts'

const target: HostTarget = {
  name: 'fake',
  transport: 'ssh',
  address: '192.0.2.1',
  port: 22,
  user: 'drydock',
  hostKey: 'SHA256:none',
  directory: '/var/lib/drydock',
}

const open = () => ({ hosts: createFakeHosts({ now: () => 0 }), target, close: async () => undefined })

hostsContract('the fake', open, 'fencing')
