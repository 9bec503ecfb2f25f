import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createVault } from '../../../lib/runtime/vault.ts'
import { createStepFunctions } from '../../../lib/adapters/stepfunctions/executions.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Table } from '../../../lib/app/ports/table.ts'
import type { SimulatedHosts } from '../hosts/hosts.ts'
import { machineArn } from '../stepfunctions/programs.ts'
import type { StepFunctions } from '../stepfunctions/service.ts'
import type { Outside, Process } from './process.ts'
import { reach } from './process.ts'
import { faultyClient } from './service-client.ts'
import { faultyTable } from './table.ts'
import type { Watched } from './table.ts'

export interface PortsOptions {
  readonly outside: Outside
  readonly table: Table
  readonly watched: Watched
  readonly hosts: SimulatedHosts
  readonly service: () => StepFunctions
  /** Told of each line that a use case writes for operators. */
  readonly told: (message: string) => void
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** What one run of a use case has: the real adapters as far as they go, over an outside that can fail. */
export function portsOf(options: PortsOptions, process: Process): Ports {
  const { outside, table, watched, hosts, service, told } = options
  const { kernel, random, log } = outside
  const now = () => kernel.now() + process.skew
  return {
    table: faultyTable(outside, watched, process, table),
    hosts: hosts.reachedBy(process),
    executions: createStepFunctions({
      client: faultyClient(outside, process, service()),
      machines: {
        lease: machineArn('lease'),
        command: machineArn('command'),
        slot: machineArn('slot'),
        host: machineArn('host'),
        landing: machineArn('landing'),
        build: machineArn('build'),
      },
      linkPrefix: '',
    }),
    clock: {
      now,
      sleep: (milliseconds) =>
        reach(outside, process, {
          what: `sleep ${Math.ceil(milliseconds)} ms`,
          late: milliseconds,
          effect: () => Promise.resolve(),
        }),
    },
    chance: {
      ulid: () => timeOf(now()) + random.word(CROCKFORD, 16),
      opaque: () => random.word(BASE32, 26),
      fraction: random.fraction,
    },
    secrets: { leaseToken: (id, salt) => Promise.resolve(`token-${hash(id + salt)}`), hash },
    vault: createVault(() => Promise.resolve(Buffer.alloc(32, 3))),
    webhooks: { post: () => Promise.resolve({ kind: 'delivered' }) },
    compression: { pack: (bytes) => gzipSync(bytes), unpack: (bytes) => gunzipSync(bytes) },
    journal: {
      info: (message, facts) => log.add(process.id, `${message} ${JSON.stringify(facts)}`),
      warn: (message, facts) => {
        told(message)
        log.add(process.id, `WARNS: ${message} ${JSON.stringify(facts)}`)
      },
    },
  }
}

/** The first ten characters of a ULID. */
function timeOf(milliseconds: number): string {
  let left = milliseconds
  let text = ''
  for (let place = 0; place < 10; place++) {
    text = `${CROCKFORD[left % 32]}${text}`
    left = Math.floor(left / 32)
  }
  return text
}
