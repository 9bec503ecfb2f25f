import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { Died } from '../../support/death.ts'
import type { Moment } from '../../support/death.ts'
import { violations } from '../../support/invariants.ts'
import type { World, WorldOptions } from '../../support/world.ts'
import { openWorld } from '../../support/world.ts'

const MINUTE = 60_000

/** As a client does: tries again until it has an answer. */
export async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof Died)) throw error
    }
  }
}

/** Somebody who does not come again when it dies: an operator's request that was lost. */
export async function once(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof Died)) throw error
  }
}

/** A minute, with the sweep at its end; a sweep that dies is the next one's work. */
export async function pass(world: World): Promise<void> {
  await world.advance(MINUTE)
  await once(async () => sweep(world.ports))
  await world.settle()
}

export const statusOf = async (world: World, id: string) => (await insist(async () => world.lease(id))).status

export interface Scenario<T> {
  readonly world?: WorldOptions
  /** Where another world is wanted than these options make. */
  readonly open?: (seed: number) => Promise<World>
  /** Nobody dies in it. */
  readonly arrange?: (world: World) => Promise<void>
  readonly act: (world: World) => Promise<T>
  /** Minutes that repair is given. */
  readonly minutes: number
  /** What is not as it should be afterwards, in words. */
  readonly damage: (world: World, result: T) => Promise<readonly string[]>
}

/**
 * The scenario once for each call that is made in it, with a death in that call; then time for repair. Answers the
 * number of calls, and all damage with the call that it came of.
 */
export async function dieEverywhere<T>(
  scenario: Scenario<T>,
  moment: Moment,
): Promise<{ readonly calls: number; readonly damage: readonly string[] }> {
  const open = async (seed: number) => {
    const world = await (scenario.open?.(seed) ?? openWorld({ ...scenario.world, seed }))
    await scenario.arrange?.(world)
    return world
  }
  const calm = await open(1)
  calm.doom(Infinity, moment)
  await scenario.act(calm)
  const calls = calm.calls()

  const damage: string[] = []
  for (let call = 1; call <= calls; call++) {
    const world = await open(call)
    world.doom(call, moment)
    const result = await scenario.act(world)
    for (let minute = 0; minute < scenario.minutes; minute++) await pass(world)
    const found = [
      ...(await scenario.damage(world, result)),
      ...violations(world.table.items()).map((sentence) => `not so: ${sentence}`),
    ]
    damage.push(...found.map((sentence) => `call ${call}: ${sentence}`))
  }
  return { calls, damage }
}
