import { createSshHosts } from '../../../lib/adapters/ssh/hosts.ts'
import type { HostTarget } from '../../../lib/app/ports/hosts.ts'

/** A program that asks a host once and is done: it never ends its connection. */
const { target, privateKey } = JSON.parse(process.env['PROBE'] ?? '') as {
  target: HostTarget
  privateKey: string
}
const hosts = createSshHosts({ privateKey: async () => privateKey })
void hosts.probe(target).then((answer) => process.stdout.write(answer.kind))
