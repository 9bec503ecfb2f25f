import { setTimeout as after } from 'node:timers/promises'
import { followCommand } from '../../../lib/app/commands/follow-command.ts'
import { awaitOutput } from '../../../lib/app/commands/read-command.ts'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import type { Hosts } from '../../../lib/app/ports/hosts.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { NOON } from '../lease-builder.ts'
import { CI, holder, openWorld } from '../world.ts'
import { openSlot } from './open-hosts.ts'
import { startRelay } from './relay.ts'
import { openSimulatedHost } from './simulated.ts'

export interface DroppedOptions {
  /** Numbered lines, one every ten milliseconds and the time that the shell takes. */
  readonly lines: number
  /** Between two cuts of every connection. */
  readonly everyMilliseconds: number
  /** After so long a follower dies, and another one begins. */
  readonly sliceMilliseconds: number
}

/**
 * A command on a host whose SSH connections are cut again and again, followed by the real follower over the real adapter
 * into the table in memory. Answers what can be read in the end.
 */
export async function runDropped({ lines, everyMilliseconds, sliceMilliseconds }: DroppedOptions) {
  const host = await openSimulatedHost()
  const relay = await startRelay(host.target.port)
  const slot = await openSlot(host)
  const target = { ...host.target, port: relay.port }
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  const began = performance.now()
  const real: Pick<Hosts, 'perform' | 'follow' | 'cancel'> = {
    perform: (_, _slot, command, look) => host.hosts.perform(target, slot, command, look),
    follow: (_, _slot, request) => host.hosts.follow(target, slot, request),
    cancel: (_, _slot, number) => host.hosts.cancel(target, slot, number),
  }
  const ports: Ports = {
    ...world.ports,
    hosts: { ...world.ports.hosts, ...real },
    clock: { now: () => NOON + performance.now() - began, sleep: (milliseconds) => after(milliseconds) },
  }
  const cutting = setInterval(() => relay.cut(), everyMilliseconds)
  try {
    const script = `i=0; while [ $i -lt ${lines} ]; do echo "line $i"; echo "warning $i" >&2; i=$((i+1)); sleep 0.01; done`
    const demand = { argv: ['sh', '-c', script], environment: {}, directory: '.' }
    await runCommand(ports, holder(leaseId), leaseId, demand, { hash: 'k', requestHash: 'r' })
    while ((await followCommand(ports, leaseId, 1, sliceMilliseconds)).route !== 'DONE');
    return { ...(await readBack(ports, leaseId)), connections: relay.connections() }
  } finally {
    clearInterval(cutting)
    await relay.close()
    await host.close()
  }
}

async function readBack(ports: Ports, leaseId: string) {
  const streams = { stdout: '', stderr: '' }
  for (let after = 0; ;) {
    const page = await awaitOutput(ports, CI, leaseId, 1, after, 0)
    if (!page.ok) throw new Error(page.refusal.detail)
    for (const chunk of page.value.chunks) {
      streams[chunk.stream] += 'bytes' in chunk ? Buffer.from(chunk.bytes).toString() : `[${chunk.omitted}]`
    }
    if (page.value.ended) return { ...streams, exitCode: page.value.exitCode }
    after = page.value.next
  }
}
