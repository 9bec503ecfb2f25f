import { SSMClient } from '@aws-sdk/client-ssm'
import { hostDocument } from '../../../infra/constructs/host-document.ts'
import { readDocument } from '../../../infra/local/ssm/commands/document.ts'
import type { CommandFaults } from '../../../infra/local/ssm/commands/faults.ts'
import type { CommandService, Delays } from '../../../infra/local/ssm/commands/service.ts'
import { startSsm } from '../../../infra/local/ssm/server.ts'
import { systemClock } from '../../../infra/local/stepfunctions/clock.ts'
import { createSsmHosts } from '../../../lib/adapters/ssm/hosts.ts'
import type { SsmHostsOptions } from '../../../lib/adapters/ssm/hosts.ts'
import type { TargetOver } from '../../../lib/app/ports/hosts.ts'
import { loadHostScript } from '../../../lib/host/script.ts'
import { systemChance } from '../../../lib/runtime/chance.ts'
import { systemClock as runtimeClock } from '../../../lib/runtime/clock.ts'
import { type OpenHosts, removeHost, temporaryDirectory } from './open-hosts.ts'

export interface ManagedHost extends OpenHosts<TargetOver<'ssm'>> {
  readonly commands: CommandService
  readonly client: SSMClient
  /** Of the adapter. */
  readonly options: SsmHostsOptions
}

export const DOCUMENT = 'drydock-host'
const instance = 'i-0123456789abcdef0'

/** The SSM adapter over an endpoint in this process that runs our own document. */
export async function openManagedHost(
  options: {
    readonly faults?: CommandFaults
    readonly delays?: Partial<Delays>
    readonly hosts?: Partial<SsmHostsOptions>
  } = {},
): Promise<ManagedHost> {
  const { faults, delays = { delivery: 0, visible: 0, result: 0 } } = options
  const directory = temporaryDirectory()
  const script = loadHostScript()
  const service = await startSsm({
    place: { region: 'eu-west-1', account: '123456789012' },
    documents: [readDocument(DOCUMENT, hostDocument(script.sha256))],
    nodes: [
      {
        instanceId: instance,
        name: 'managed',
        directory,
        // A node's agent gives no HOME to what it runs.
        environment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      },
    ],
    clock: systemClock,
    delays,
    ...(faults && { faults }),
    onLog: (line) => console.error(line),
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SSMClient({
    endpoint: service.endpoint,
    region: 'eu-west-1',
    credentials,
    maxAttempts: 1,
  })
  const adapter: SsmHostsOptions = {
    client,
    document: DOCUMENT,
    clock: runtimeClock,
    fraction: () => 0.5,
    opaque: () => systemChance.opaque(),
    firstLookMilliseconds: 10,
    script,
    ...options.hosts,
  }
  return {
    hosts: createSsmHosts(adapter),
    options: adapter,
    client,
    commands: service.commands,
    target: { name: 'managed', transport: 'ssm', instance, directory: `${directory}/drydock` },
    close: async () => {
      client.destroy()
      await service.close()
      removeHost(directory)
    },
  }
}
