import type { Executions } from '../../app/ports/ports.ts'
import type {
  BuildInput,
  CommandInput,
  HostInput,
  LandingInput,
  LeaseInput,
  SlotInput,
} from '../../contract/machines.ts'
import { again, executionArn, executionName } from '../stepfunctions/names.ts'

export interface MemoryExecution {
  readonly machine: 'lease' | 'command' | 'slot' | 'host' | 'build' | 'landing'
  readonly name: string
  readonly input: LeaseInput | CommandInput | SlotInput | HostInput | BuildInput | LandingInput
  readonly running: boolean
}

export interface MemoryExecutions extends Executions {
  /** In the order of their starts. */
  started(): readonly MemoryExecution[]
  /** Ends an execution, as if its machine had. */
  finish(machine: MemoryExecution['machine'], name: string): void
  /** A token that somebody waits for now. */
  wait(): string
  /** Tokens that were used, in order. */
  awakened(): readonly string[]
  heartbeats(): readonly string[]
}

const LANDING_MACHINE = 'arn:aws:states:memory:000000000000:stateMachine:drydock-landing'
const BUILD_MACHINE = 'arn:aws:states:memory:000000000000:stateMachine:drydock-build'
const LEASE_MACHINE = 'arn:aws:states:memory:000000000000:stateMachine:drydock-lease'

/** The in-memory twin of Step Functions: the same names and the same idempotency, and nothing runs. */
export function createMemoryExecutions(): MemoryExecutions {
  const executions = new Map<string, MemoryExecution>()
  const waiting = new Set<string>()
  const awakened: string[] = []
  const heartbeats: string[] = []
  let tokens = 0

  async function ensure(
    machine: MemoryExecution['machine'],
    base: string,
    input: MemoryExecution['input'],
  ): Promise<void> {
    for (let repetition = 0; ; repetition++) {
      const name = again(base, repetition)
      const known = executions.get(`${machine} ${name}`)
      if (known?.running) return
      if (known) continue
      executions.set(`${machine} ${name}`, { machine, name, input, running: true })
      return
    }
  }

  return {
    ensureLease: (leaseId) => ensure('lease', leaseId, { leaseId }),
    ensureCommand: (leaseId, number) =>
      ensure('command', executionName(leaseId, number), { leaseId, number }),
    ensureLanding: (landingId) => ensure('landing', landingId, { landingId }),
    ensureBuild: (buildId, generation) =>
      ensure('build', executionName(buildId, `g${generation}`), { buildId, generation }),
    cleanSlot: (host, slot, epoch) => ensure('slot', executionName(host, slot, `e${epoch}`), { host, slot }),
    probeHost: (host, occasion) => ensure('host', executionName(host, occasion), { host }),
    awaken: async (token) => {
      if (waiting.delete(token)) awakened.push(token)
    },
    heartbeat: async (token) => {
      if (waiting.has(token)) heartbeats.push(token)
    },
    leaseExecution: (leaseId) => ({ arn: executionArn(LEASE_MACHINE, leaseId) }),
    landingExecution: (landingId) => ({ arn: executionArn(LANDING_MACHINE, landingId) }),
    buildExecution: (buildId, generation) => ({
      arn: executionArn(BUILD_MACHINE, executionName(buildId, `g${generation}`)),
    }),
    started: () => [...executions.values()],
    finish: (machine, name) => {
      const known = executions.get(`${machine} ${name}`)
      if (!known) throw new Error(`there is no execution ${name}`)
      executions.set(`${machine} ${name}`, { ...known, running: false })
    },
    wait: () => {
      const token = `token-${(tokens += 1)}`
      waiting.add(token)
      return token
    },
    awakened: () => [...awakened],
    heartbeats: () => [...heartbeats],
  }
}
