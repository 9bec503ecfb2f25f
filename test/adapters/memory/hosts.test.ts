import { createFakeHosts } from '../../../lib/adapters/memory/hosts.ts'
import { hostsContract } from '../../contracts/hosts.ts'

const open = () => ({
  hosts: createFakeHosts({ now: () => 0 }),
  target: {
    ...{ name: 'fake', transport: 'ssh' as const, address: '192.0.2.1', port: 22, user: 'drydock' },
    ...{ hostKey: 'SHA256:none', directory: '/var/lib/drydock' },
  },
  close: async () => undefined,
})

hostsContract('the fake', open, 'fencing')
