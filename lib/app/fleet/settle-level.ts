import { leastOf } from '../../domain/catalogue.ts'
import { tooLow } from '../../domain/fitness.ts'
import type { Isolation } from '../../domain/isolation.ts'
import { LEAST, reaches } from '../../domain/isolation.ts'
import type { Host } from '../../domain/slot.ts'
import type { Ports } from '../ports/ports.ts'
import { blueprintOf } from '../store/catalogue-item.ts'
import { blueprintKey } from '../store/keys.ts'
import { readRegistry } from '../store/pages.ts'
import { readHost } from '../store/read.ts'
import { changeHost } from './change-host.ts'
import { quarantine } from './quarantine.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** The least level of each of these pools. */
export async function leastLevels(
  ports: Pick<Ports, 'table'>,
  pools: readonly string[],
): Promise<(pool: string) => Isolation> {
  const levels = new Map<string, Isolation>()
  for (let start = 0; start < pools.length; start += 100) {
    const items = await ports.table.getAll(pools.slice(start, start + 100).map(blueprintKey))
    for (const item of items) if (item) levels.set(blueprintOf(item).name, leastOf(blueprintOf(item)))
  }
  return (pool) => levels.get(pool) ?? LEAST
}

/** What a pool asks of its hosts was changed: which of them may be used is judged by what their last probe found. */
export async function settleLevels(ports: Needs, pool: string, actor: string): Promise<void> {
  const levelOf = await leastLevels(ports, [pool])
  const registered = await readRegistry(ports, 'host')
  for (const { SK: name } of registered.filter((item) => item['pool'] === pool)) {
    const { host } = await readHost(ports, name)
    if (host) await settleLevel(ports, host, levelOf(pool), actor)
  }
}

/** A host below its pool's level is quarantined, and one that was for that and is not below it any more comes back. */
export async function settleLevel(ports: Needs, host: Host, least: Isolation, actor: string): Promise<void> {
  const { state, isolation, probe, reason } = host
  if (isolation === undefined) return
  const by = { now: ports.clock.now(), actor, cause: `its pool asks for level ${least}` }
  const fits = reaches(isolation, least)
  if (state === 'active' && !fits) {
    const { code, detail } = tooLow(isolation, least)
    await quarantine(ports, host.name, `${code}: ${detail}`, by)
  }
  const forThat = reason?.startsWith('isolation_too_low') && probe?.trouble?.code === 'isolation_too_low'
  if (state === 'quarantined' && fits && forThat) {
    await changeHost(ports, host.name, { state: 'active', asRead: host.changes, onTrial: true }, by)
  }
}
