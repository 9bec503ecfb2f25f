import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item, Write } from '../ports/table.ts'
import { blueprintItem, repositoryItem, tenantItem } from '../store/catalogue-item.ts'
import { asRegistered } from '../store/conditions/any-item.ts'
import { configUnchanged } from '../store/conditions/fleet.ts'
import { blueprintKey, registryKey, repositoryKey, tenantKey } from '../store/keys.ts'
import { text } from '../store/attributes.ts'
import { settleLevels } from '../fleet/settle-level.ts'
import { settleBlueprint } from '../blueprints/settle-blueprint.ts'
import { putHost, removeHost } from './hosts.ts'
import { settled } from './settled.ts'
import type { Change } from './plan.ts'
import { judgeCatalogue, own, planChanges } from './plan.ts'
import { countSlots } from './pool-entries.ts'
import type { Catalogue, Stored } from './read-config.ts'
import { readConfig } from './read-config.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

export interface Applied {
  readonly applied: boolean
  readonly changes: readonly Change[]
}

/**
 * Makes the stored catalogue be as the document says. Each change is conditional on what was read, so two operators
 * cannot overwrite each other unseen; applying again goes on where a broken one stopped.
 */
export async function applyConfig(
  ports: Needs,
  wanted: Catalogue,
  options: { readonly dryRun: boolean; readonly remove: boolean },
): Promise<Result<Applied>> {
  const judged = judgeCatalogue(wanted)
  if (!judged.ok) return judged
  const stored = await readConfig(ports)
  const changes = planChanges(stored.catalogue, wanted)
  if (options.dryRun) return ok({ applied: false, changes })
  const removals = changes.filter((change) => change.change === 'remove')
  if (removals.length > 0 && !options.remove) {
    return refuse(
      'not_removed',
      `The document leaves out ${removals.length} things that exist; say remove to drop them.`,
      {
        hints: { left: removals.map((change) => `${change.kind} ${change.name}`) },
      },
    )
  }
  const done = await applyAll(ports, stored, wanted, changes)
  // Also after a change that was refused: what was made before it must be known to its pool.
  await countSlots(ports)
  for (const { kind, name } of changes) {
    if (kind === 'blueprint' && own(wanted.blueprints, name)?.type === 'host')
      await settleLevels(ports, name, 'configuration')
  }
  // Leases may have waited since the last blueprint of that name was removed, or wait for one that is gone.
  for (const { kind, name, change } of changes) {
    if (kind === 'blueprint' && change !== 'update') await settleBlueprint(ports, name, 'configuration')
  }
  return done.ok ? ok({ applied: true, changes }) : done
}

async function applyAll(
  ports: Needs,
  stored: Stored,
  wanted: Catalogue,
  changes: readonly Change[],
): Promise<Result<undefined>> {
  for (const change of changes) {
    const done = await applyChange(ports, stored, wanted, change)
    if (!done.ok) return done
  }
  return ok(undefined)
}

async function applyChange(
  ports: Needs,
  stored: Stored,
  wanted: Catalogue,
  { kind, name, change }: Change,
): Promise<Result<undefined>> {
  const version = stored.version(kind, name)
  if (kind === 'host') {
    const spec = own(wanted.hosts, name)
    return spec ? putHost(ports, spec, version) : removeHost(ports, name, version)
  }
  const key = { blueprint: blueprintKey, repository: repositoryKey, tenant: tenantKey }[kind](name)
  const item = itemOf(stored, wanted, kind, name, (version ?? 0) + 1)
  const write: Write =
    change === 'remove' || !item
      ? { kind: 'delete', key, when: configUnchanged(version) }
      : { kind: 'put', item, when: configUnchanged(version) }
  const mark = ports.chance.opaque()
  return settled(
    await ports.table.transact(ports.chance.opaque(), [
      write,
      ...registration(kind, name, change, mark),
      ...poolEntry(item),
    ]),
    name,
  )
}

/** A host blueprint is a pool from the beginning: whoever repairs what is left half done must find its queue. */
const poolEntry = (item: Item | undefined): readonly Write[] =>
  item?.['type'] === 'host'
    ? [
        {
          kind: 'update',
          key: registryKey('pool', text(item, 'name')),
          set: { name: text(item, 'name') },
          when: asRegistered,
        },
      ]
    : []

function itemOf(
  stored: Stored,
  wanted: Catalogue,
  kind: Change['kind'],
  name: string,
  version: number,
): Item | undefined {
  const blueprint = kind === 'blueprint' && own(wanted.blueprints, name)
  if (blueprint) return blueprintItem(blueprint, version, stored.disabled(name))
  const repository = kind === 'repository' && own(wanted.repositories, name)
  if (repository) return repositoryItem(repository, version)
  const tenant = kind === 'tenant' && own(wanted.tenants, name)
  return tenant ? tenantItem(tenant, version, stored.mostLeases(name)) : undefined
}

/** The registry names what exists; a tenant stays in it, as its leases do. */
function registration(
  kind: Change['kind'],
  name: string,
  change: Change['change'],
  mark: string,
): readonly Write[] {
  const key = registryKey(kind, name)
  if (change === 'remove') return kind === 'tenant' ? [] : [{ kind: 'delete', key, when: asRegistered }]
  const settling = kind === 'blueprint' && change === 'create' ? { settling: mark } : {}
  return [{ kind: 'update', key, set: { name, ...settling }, when: asRegistered }]
}
