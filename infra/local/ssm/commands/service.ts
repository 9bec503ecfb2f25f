import { randomUUID } from 'node:crypto'
import type { Clock } from '../../stepfunctions/clock.ts'
import { ServiceError } from '../../wire/json-service.ts'
import { type Agent, type Ended, type ManagedNode, startAgent } from './agent.ts'
import { type CommandDocument, linesOf } from './document.ts'
import type { CommandFaults, SendFault } from './faults.ts'
import { type Invocation, mayBegin } from './invocation.ts'

export interface CommandOptions {
  readonly documents: readonly CommandDocument[]
  readonly nodes: readonly ManagedNode[]
  readonly clock: Clock
  readonly faults?: CommandFaults | undefined
  readonly delays?: Partial<Delays> | undefined
  readonly onLog: (line: string) => void
}

/** Milliseconds; AWS promises none of them. */
export interface Delays {
  /** From sending until an agent begins. */
  readonly delivery: number
  /** From sending until the service knows of the command. */
  readonly visible: number
  /** From the end of a script until the service knows of it. */
  readonly result: number
}

export interface Order {
  readonly documentName: string
  readonly instanceId: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly timeoutSeconds: number
}

export interface CommandService {
  send(order: Order): Invocation
  cancel(commandId: string): void
  /** Newest first. */
  invocations(): readonly Invocation[]
  readonly nodes: readonly ManagedNode[]
  isOnline(instanceId: string): boolean
  /** A node that is offline gets nothing until it is back. */
  setOnline(instanceId: string, online: boolean): void
  close(): Promise<void>
}

interface Known {
  invocation: Invocation
  /** What waits for a node that is offline. */
  readonly deliver: (() => void)[]
}

/** Hands commands to nodes, and knows of each what the service would know. Nothing outlives it. */
export function startCommands(options: CommandOptions): CommandService {
  const { nodes, clock, onLog } = options
  const delays: Delays = { delivery: 20, visible: 20, result: 20, ...options.delays }
  const agents = new Map(nodes.map((node) => [node.instanceId, startAgent(node)]))
  const offline = new Set<string>()
  const known = new Map<string, Known>()
  const timers = new Set<() => void>()
  const underWay = new Set<Promise<void>>()
  let sent = 0

  return {
    nodes,
    send(order) {
      sent += 1
      const document = options.documents.find(({ name }) => name === order.documentName)
      if (!document) throw new ServiceError('InvalidDocument', `there is no document ${order.documentName}`)
      const agent = agents.get(order.instanceId)
      if (!agent)
        throw new ServiceError('InvalidInstanceId', `Instances [${order.instanceId}] not in a valid state`)
      const lines = linesOf(document, order.parameters)
      const fault = options.faults?.onSend?.(sent, order.instanceId) ?? {}
      if (fault.throttled) throw new ServiceError('ThrottlingException', 'Rate exceeded')
      const now = clock.now()
      const invocation: Invocation = {
        commandId: randomUUID(),
        instanceId: order.instanceId,
        documentName: document.name,
        stepName: document.step.name,
        sentAt: now,
        visibleAt: now + delays.visible,
        deliverBy: now + order.timeoutSeconds * 1_000,
      }
      const work = { commandId: invocation.commandId, lines, timeoutSeconds: document.step.timeoutSeconds }
      const deliver = () => hand(invocation.commandId, fault, () => agent.run(work))
      known.set(invocation.commandId, { invocation, deliver: [] })
      for (let time = 0; time < (fault.times ?? 1); time++) {
        after(fault.deliverAfter ?? delays.delivery, () => {
          if (offline.has(order.instanceId)) known.get(invocation.commandId)?.deliver.push(deliver)
          else deliver()
        })
      }
      return invocation
    },

    cancel(commandId) {
      const entry = known.get(commandId)
      if (!entry) throw new ServiceError('InvalidCommandId', `there is no command ${commandId}`)
      if (entry.invocation.end || entry.invocation.cancelledAt !== undefined) return
      entry.invocation = { ...entry.invocation, cancelledAt: clock.now() }
      agents.get(entry.invocation.instanceId)?.cancel(commandId)
    },

    invocations: () => [...known.values()].map(({ invocation }) => invocation).toReversed(),
    isOnline: (instanceId) => agents.has(instanceId) && !offline.has(instanceId),

    setOnline(instanceId, online) {
      if (!online) {
        offline.add(instanceId)
        return
      }
      offline.delete(instanceId)
      for (const { invocation, deliver } of known.values()) {
        if (invocation.instanceId === instanceId) for (const each of deliver.splice(0)) each()
      }
    },

    async close() {
      for (const stop of timers) stop()
      await closeAll(agents.values())
      await Promise.all(underWay)
    },
  }

  function hand(commandId: string, fault: SendFault, run: () => Promise<Ended>): void {
    const entry = known.get(commandId)
    const now = clock.now()
    const duplicate = entry?.invocation.deliveredAt !== undefined
    if (!entry || (!fault.evenLate && !duplicate && !mayBegin(entry.invocation, now))) return
    if (!duplicate) entry.invocation = { ...entry.invocation, deliveredAt: now }
    const work = finish(entry, fault, run)
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }

  async function finish(entry: Known, fault: SendFault, run: () => Promise<Ended>): Promise<void> {
    try {
      const ended = await run()
      const at = clock.now()
      const knownAt = fault.resultLost ? Number.POSITIVE_INFINITY : at + delays.result
      const stdout = ended.stdout.slice(0, fault.outputCharacters)
      entry.invocation = { ...entry.invocation, end: { ...ended, stdout, at, knownAt } }
    } catch (error) {
      onLog(`command ${entry.invocation.commandId} could not run: ${String(error)}`)
    }
  }

  function after(milliseconds: number, fire: () => void): void {
    const stop = clock.after(milliseconds, () => {
      timers.delete(stop)
      fire()
    })
    timers.add(stop)
  }
}

async function closeAll(agents: Iterable<Agent>): Promise<void> {
  await Promise.all([...agents].map(async (agent) => agent.close()))
}
