import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { ConfigInput } from '../../../lib/contract/config.ts'
import { createClient } from '../../../lib/client/api.ts'
import { ensureAssembly } from '../../synth.ts'
import { keepKeyPair } from '../hosts/keys.ts'
import type { Faults } from '../dynamodb/faults.ts'
import type { LocalHost, LocalReach } from '../hosts/local-host.ts'
import { startHosts } from '../hosts/start.ts'
import { openIssuer } from '../issuer.ts'
import { canReap, startReaper } from '../processes/reaper.ts'
import { startStack } from '../stack.ts'
import { openScratch } from './scratch.ts'

/** Functions that a lease's first request meets, in that order: started while the catalogue is applied. */
const ON_THE_PATH = [
  'authorize',
  'api',
  'clean',
  'decide',
  'activate',
  'poll',
  'follow',
  'destroy',
  'finalize',
] as const

export interface ServeOptions {
  /** Keeps the state over a restart; absent: nothing outlives this process. */
  readonly data?: string
  /** Of the HTTP API; 0 = any free one. */
  readonly port?: number
  readonly hosts?: readonly string[]
  /** How they are reached; default: over SSH. */
  readonly transport?: LocalReach['transport']
  /** The catalogue to declare once everything listens, from the hosts as they are reached. */
  readonly catalogue: (hosts: readonly LocalHost[], declared: ConfigInput) => ConfigInput
  readonly onLog?: (source: string, line: string) => void
  readonly maxLambdaProcesses?: number
  /** Puts a front before the table that counts requests, and may break some. */
  readonly faults?: Faults
  /** Told of each invocation of a function, by its name. */
  readonly onInvoke?: (functionName: string) => void
}

export interface Served {
  readonly url: string
  /** Of an operator that may also lease. */
  readonly token: string
  readonly hosts: readonly LocalHost[]
  readonly endpoints: Readonly<Record<string, string>>
  /** A token of the local issuer. */
  mint(identity: {
    readonly tenant: string
    readonly scopes: readonly string[]
    readonly lifeSeconds?: number
  }): Promise<string>
  invoke(functionName: string, payload: object): Promise<unknown>
  close(): Promise<void>
}

/**
 * The whole system on this machine: the synthesized template on the local stack, simulated hosts reached over SSH or
 * Systems Manager, and a catalogue declared over its own API. Whatever it started is gone when `close` resolves, or when this process dies.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const scratch = options.data === undefined ? openScratch() : undefined
  const home = scratch?.directory ?? resolve(options.data ?? '')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const marker = { name: 'DRYDOCK_STACK', value: randomUUID() }
  const reaper = canReap ? startReaper(`${marker.name}=${marker.value}`) : undefined
  const key = keepKeyPair(join(home, 'ssh'), 'client_ed25519')
  const issuer = await openIssuer(options.data === undefined ? undefined : home)
  const [assembly, fleet] = await Promise.all([
    ensureAssembly(),
    startHosts(options.hosts ?? ['alpha', 'beta'], {
      transport: options.transport ?? 'ssh',
      home: join(home, 'hosts'),
      authorizedKey: key.publicKey,
      marker,
    }),
  ])
  const stack = await startStack({
    assembly,
    ...(options.data === undefined ? {} : { data: home }),
    port: options.port ?? 0,
    parameters: {
      '/drydock/ssh-key': { value: key.privateKey, type: 'SecureString' },
      '/drydock/issuers': { value: issuer.issuersParameter, type: 'String' },
    },
    nodes: fleet.nodes,
    onLog: options.onLog ?? (() => undefined),
    ...(options.faults && { faults: options.faults }),
    ...(options.onInvoke && { onInvoke: options.onInvoke }),
    maxLambdaProcesses: options.maxLambdaProcesses ?? processesThatFit(),
    warm: ON_THE_PATH.map((name) => `drydock-${name}`),
    compileCache: join(assembly, 'compiled'),
  })
  const mint: Served['mint'] = async ({ tenant, scopes, lifeSeconds = 86_400 }) =>
    issuer.mint({ tenant, scopes, lifeSeconds, subject: 'local' })
  const token = await mint({ tenant: 'local', scopes: ['lease', 'operator'] })
  const client = createClient({ url: stack.apiUrl, token })
  const declared = await client.getConfig()
  await client.applyConfig({ body: options.catalogue(fleet.hosts, declared) })
  return {
    url: stack.apiUrl,
    token,
    hosts: fleet.hosts,
    endpoints: stack.endpoints,
    mint,
    invoke: async (name, payload) => stack.invoke(name, payload),
    close: async () => {
      await stack.close()
      await fleet.close()
      await reaper?.close()
      scratch?.remove()
    },
  }
}

/** An eighth of the memory at 100 MB each, so that a crowd of long polls leaves room for what it waits for. */
const processesThatFit = (): number => Math.min(32, Math.max(16, Math.floor(totalmem() / 8 / 100_000_000)))
