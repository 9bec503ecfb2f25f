import { FUNCTIONS } from '../../../infra/settings.ts'
import type { FunctionName } from '../../../lib/contract/environment.ts'
import type { Work } from '../cost.ts'
import { randomStream } from '../../simulation/kernel/random.ts'
import { createVirtualClient } from './client.ts'
import { openInstallation } from './installation.ts'
import type { Installation } from './installation.ts'
import { createLives } from './lives.ts'

const MINUTE = 60_000
export const WAIT = 5 * MINUTE
export const HOLD = 20 * MINUTE
const SPREAD = MINUTE / 2
const COMMAND = HOLD - MINUTE
const RENEWAL = 200_000
const LEASES = 30
const TENANT = 'acme'
/** Seconds that a function is billed for which neither polls nor follows. */
const SHORT_CALL = 0.15

/** What goes with a lease: how its client waits for it, and what runs in it. */
export interface Use {
  /** The client learns by long polls that the lease is active. */
  readonly polls?: boolean
  /** A command runs nearly as long as the lease is held; its output is read by the client, or only kept. */
  readonly command?: 'read' | 'kept'
}

/**
 * What one lease is charged for, the mean over a chain of leases on one slot, each of which asks before the one ahead
 * of it gives the slot back. The sweeps, which cost the same whether there are leases or not, are not in it.
 */
export async function measureLife({ polls = false, command }: Use): Promise<Work> {
  const lives = createLives()
  const installation = await openInstallation({
    slots: 1,
    tenants: [TENANT],
    quota: LEASES,
    committed: lives.committed,
  })
  const { kernel } = installation.simulation
  /** The same holds whatever is done with them. */
  const random = randomStream(7, 'holds')
  const client = createVirtualClient(installation)
  let followed = 0
  installation.beginSweeps()

  async function runToEnd(id: string): Promise<void> {
    const began = kernel.now()
    const number = await client.run(id, TENANT, COMMAND)
    if (command === 'read') await client.follow(id, TENANT, number)
    else await kernel.sleep(COMMAND)
    followed += (kernel.now() - began) / 1_000
  }
  async function use(id: string, hold: number): Promise<void> {
    const until = kernel.now() + hold
    const running = command && runToEnd(id)
    while (kernel.now() + RENEWAL < until) {
      await kernel.sleep(RENEWAL)
      await client.renew(id, TENANT)
    }
    await running
    await kernel.sleep(until - kernel.now())
    await client.release(id, TENANT)
  }
  /** From the middle of the first hold to the middle of the last: whole lives, whoever's. */
  async function chain(): Promise<Work> {
    let first: Work | undefined
    for (let number = 0; ; number++) {
      const id = await client.create(TENANT)
      await (polls ? client.waitForActive(id, TENANT) : lives.became(id, 'active'))
      // Not in step with the sweeps.
      const hold = HOLD + random.between(-SPREAD, SPREAD)
      void use(id, hold)
      await kernel.sleep(HOLD / 2)
      const state = stateOf(installation, client.requests().sent, followed)
      if (number === LEASES) return less(state, first ?? state)
      first ??= state
      await kernel.sleep(hold - HOLD / 2 - WAIT)
    }
  }
  const total = await installation.finish(chain())
  const means = Object.entries(total).map(([name, value]) => [name, value / LEASES])
  return Object.fromEntries(means) as Work
}

function stateOf(installation: Installation, httpRequests: number, followed: number): Work {
  const { simulation, table, sweeps } = installation
  const all = table.tally.total()
  const swept = sweeps.total()
  const calls = Object.entries(simulation.functions.counts()).filter(([name]) => name !== 'sweep')
  const gigabyteSeconds = calls.reduce((sum, [name, count]) => {
    const gigabytes = FUNCTIONS[name as FunctionName].memoryMegabytes / 1_024
    if (name === 'poll') return sum + gigabytes * installation.seconds().poll
    if (name === 'follow') return sum + gigabytes * followed
    return sum + gigabytes * count * SHORT_CALL
  }, 0)
  return {
    writeUnits: all.writeUnits - swept.writeUnits,
    readUnits: all.readUnits - swept.readUnits,
    transitions: Object.values(simulation.service.transitions()).reduce((sum, one) => sum + one, 0),
    lambdaCalls: calls.reduce((sum, [, count]) => sum + count, 0),
    gigabyteSeconds,
    httpRequests,
  }
}

const less = (one: Work, other: Work): Work =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, value - other[name as keyof Work]]),
  ) as unknown as Work
