import type { Disabled } from '../../domain/catalogue.ts'
import { nearest } from '../../domain/catalogue.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Cause } from '../../domain/step.ts'
import { ATTEMPTS, contended } from '../contention.ts'
import type { Ports } from '../ports/ports.ts'
import { disabledOf } from '../store/catalogue-item.ts'
import { configUnchanged } from '../store/conditions/fleet.ts'
import { stillThere } from '../store/conditions/any-item.ts'
import { blueprintKey, registryKey } from '../store/keys.ts'
import { settleBlueprint } from './settle-blueprint.ts'
import { readRegistry } from '../store/pages.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

export interface BlueprintState {
  readonly name: string
  /** Not there: it gives leases. */
  readonly disabled?: Disabled
}

/**
 * When this answers, no lease of the blueprint is given a slot any more. Its waiting leases keep their places and wait
 * on, or time out; leases that have a slot are left to finish.
 */
export const disableBlueprint = async (
  ports: Needs,
  name: string,
  reason: string | undefined,
  by: Cause,
): Promise<Result<BlueprintState>> =>
  change(ports, name, { by: by.actor, at: by.now, ...(reason === undefined ? {} : { reason }) }, by)

/** Its waiting leases stand in the queues again where they stood, and are served. */
export const enableBlueprint = async (
  ports: Needs,
  name: string,
  by: Cause,
): Promise<Result<BlueprintState>> => change(ports, name, undefined, by)

async function change(
  ports: Needs,
  name: string,
  disabled: Disabled | undefined,
  by: Cause,
): Promise<Result<BlueprintState>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const item = await ports.table.get(blueprintKey(name))
    if (!item) return unknown(ports, name)
    const before = disabledOf(item)
    // Said twice, the first reason stands; but a change that was not brought to its end is now.
    if ((before === undefined) !== (disabled === undefined)) {
      const version = Number(item['version'])
      const outcome = await ports.table.transact(ports.chance.opaque(), [
        {
          kind: 'update',
          key: blueprintKey(name),
          set: { version: version + 1, ...(disabled ? { disabled: { ...disabled } } : {}) },
          remove: disabled ? [] : ['disabled'],
          when: configUnchanged(version),
        },
        {
          kind: 'update',
          key: registryKey('blueprint', name),
          set: { settling: ports.chance.opaque() },
          when: stillThere,
        },
      ])
      if (!outcome.committed) continue
      ports.journal.info('a blueprint was switched', { blueprint: name, disabled: !!disabled, by: by.actor })
    }
    await settleBlueprint(ports, name, by.actor)
    const now = (before === undefined) !== (disabled === undefined) ? disabled : before
    return ok({ name, ...(now ? { disabled: now } : {}) })
  }
  throw contended(`switching blueprint ${name}`)
}

async function unknown(ports: Needs, name: string) {
  const items = await readRegistry(ports, 'blueprint')
  const hints = {
    nearest: nearest(
      name,
      items.map((item) => item.SK),
    ),
  }
  return refuse('not_found', `There is no blueprint named ${name}.`, { hints })
}
