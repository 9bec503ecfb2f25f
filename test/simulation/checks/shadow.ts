import type { Item } from '../../../lib/app/ports/table.ts'
import type { Entity } from './entity.ts'
import { isHolding, slotIn, slotOfLease, textIn } from './entity.ts'
import type { Commit } from './rule.ts'

/** The table as its commits tell it, with what the rules ask for at hand. */
export interface Shadow {
  readonly leases: ReadonlyMap<string, Item>
  readonly slots: ReadonlyMap<string, Item>
  readonly hosts: ReadonlyMap<string, Item>
  readonly blueprints: ReadonlyMap<string, Item>
  readonly tenants: ReadonlyMap<string, Item>
  readonly pools: ReadonlyMap<string, Item>
  /** Items that tell of a lease, by its id. */
  readonly waiters: (lease: string) => readonly Item[]
  readonly timers: (lease: string) => readonly Item[]
  readonly permits: (lease: string) => readonly Item[]
  readonly events: (lease: string) => readonly Item[]
  /** Items that tell of a slot, by `host/number`. */
  readonly tokens: (slot: string) => readonly Item[]
  /** Living leases that say that the slot is theirs. */
  readonly holders: (slot: string) => readonly Item[]
  apply(commit: Commit): void
}

export function createShadow(): Shadow {
  const single = {
    lease: new Map<string, Item>(),
    slot: new Map<string, Item>(),
    host: new Map<string, Item>(),
    blueprint: new Map<string, Item>(),
    tenant: new Map<string, Item>(),
    pool: new Map<string, Item>(),
  }
  const grouped = {
    waiter: createGroups(),
    timer: createGroups(),
    permit: createGroups(),
    event: createGroups(),
    token: createGroups(),
  }
  const holders = createGroups()

  return {
    leases: single.lease,
    slots: single.slot,
    hosts: single.host,
    blueprints: single.blueprint,
    tenants: single.tenant,
    pools: single.pool,
    waiters: grouped.waiter.of,
    timers: grouped.timer.of,
    permits: grouped.permit.of,
    events: grouped.event.of,
    tokens: grouped.token.of,
    holders: holders.of,
    apply({ changes }) {
      for (const { of, before, after } of changes) {
        switch (of.kind) {
          case 'lease':
          case 'slot':
          case 'host':
          case 'blueprint':
          case 'tenant':
          case 'pool':
            keep(single[of.kind], nameOf(of), after)
            if (of.kind !== 'lease') break
            if (isHolding(before)) holders.drop(slotOfLease(before) ?? '', before)
            if (isHolding(after)) holders.put(slotOfLease(after) ?? '', after)
            break
          case 'event':
            grouped.event.drop(of.lease, before)
            grouped.event.put(of.lease, after)
            break
          case 'waiter':
          case 'timer':
          case 'permit':
            grouped[of.kind].drop(textIn(before, 'lease'), before)
            grouped[of.kind].put(textIn(after, 'lease'), after)
            break
          case 'token':
            grouped.token.drop(slotIn(before), before)
            grouped.token.put(slotIn(after), after)
            break
          case 'tag':
          case 'idempotency':
          case 'other':
        }
      }
    },
  }
}

/** Items by what they tell of. */
function createGroups() {
  const groups = new Map<string, Map<string, Item>>()
  const keyOf = ({ PK, SK }: Item): string => `${PK} ${SK}`
  return {
    of: (name: string): readonly Item[] => [...(groups.get(name)?.values() ?? [])],
    put: (name: string, item: Item | undefined): void => {
      if (!item) return
      const group = groups.get(name) ?? new Map<string, Item>()
      groups.set(name, group.set(keyOf(item), item))
    },
    drop: (name: string, item: Item | undefined): void => {
      if (item) groups.get(name)?.delete(keyOf(item))
    },
  }
}

function keep(items: Map<string, Item>, name: string, item: Item | undefined): void {
  if (item) items.set(name, item)
  else items.delete(name)
}

type Named = Extract<Entity, { kind: 'lease' | 'slot' | 'host' | 'blueprint' | 'tenant' | 'pool' }>

function nameOf(entity: Named): string {
  switch (entity.kind) {
    case 'lease':
      return entity.lease
    case 'slot':
      return entity.slot
    case 'host':
      return entity.host
    case 'blueprint':
      return entity.blueprint
    case 'tenant':
      return entity.tenant
    case 'pool':
      return entity.pool
  }
}
