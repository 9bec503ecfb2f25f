import { createFakeHosts } from '../../../../lib/adapters/memory/hosts.ts'
import type { HostTarget } from '../../../../lib/app/ports/hosts.ts'
import type { Subject } from './subject.ts'
import { callHost, verdictOf } from './subject.ts'

const TARGET: HostTarget = {
  name: 'fake',
  transport: 'ssh',
  address: '127.0.0.1',
  port: 22,
  user: 'nobody',
  hostKey: '',
  directory: 'drydock',
}

/** A slot of the in-memory host, whose only accident is a new disk. */
export function createFakeSubject(): Subject {
  const hosts = createFakeHosts({ now: () => 0, command: () => 'hang' })
  return {
    send: async (message) => verdictOf(await callHost({ hosts, target: TARGET }, 1, message)),
    suffer: () => hosts.reimage(TARGET.name),
    living: () => hosts.running().reduce((bits, job) => bits | (1 << (Number(job.split('/').at(-1)) - 1)), 0),
  }
}
