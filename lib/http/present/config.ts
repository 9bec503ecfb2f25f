import type { Catalogue } from '../../app/config/read-config.ts'
import type { Config } from '../../contract/config.ts'
import type { Blueprint } from '../../domain/catalogue.ts'
import { leastOf } from '../../domain/catalogue.ts'
import type { Limits } from '../../domain/limits.ts'
import { given } from './given.ts'
import { inSeconds, milliseconds } from './instant.ts'

/** The document as the domain has it: every entry knows its name, durations in milliseconds. */
export const catalogueOf = (config: Config): Catalogue => ({
  blueprints: mapped(config.blueprints, blueprintOf),
  hosts: mapped(config.hosts, (name, host) => ({ name, ...host })),
  repositories: mapped(config.repositories, (name, { landing, ...repository }) => ({
    name,
    ...repository,
    ...given({ landing }),
  })),
  tenants: mapped(config.tenants, (name, tenant) => ({ name, ...tenant })),
})

export const presentCatalogue = (catalogue: Catalogue): Config => ({
  blueprints: mapped(catalogue.blueprints, (_, blueprint) => presentBlueprint(blueprint)),
  hosts: mapped(catalogue.hosts, (_, { name: _name, ...host }) => host),
  repositories: mapped(catalogue.repositories, (_, { name: _name, landing, ...repository }) => ({
    ...repository,
    ...(landing ? { landing: { branches: [...landing.branches], allow: [...landing.allow] } } : {}),
  })),
  tenants: mapped(catalogue.tenants, (_, { name: _name, ...tenant }) => tenant),
})

type ConfiguredBlueprint = Config['blueprints'][string]

function blueprintOf(name: string, blueprint: ConfiguredBlueprint): Blueprint {
  const { allow, isolation } = blueprint
  const limits = limitsOf(blueprint.limits)
  if (blueprint.type === 'host') return { name, type: 'host', allow, isolation, limits }
  const { pools, repositories, idleSeconds, keepPerSlot } = blueprint
  const keep = given({ idle: scaled(idleSeconds, milliseconds), perSlot: keepPerSlot })
  return {
    name,
    type: 'working-copy',
    pools,
    allow,
    isolation,
    limits,
    ...given({ repositories, keep: Object.keys(keep).length === 0 ? undefined : keep }),
  }
}

function presentBlueprint(blueprint: Blueprint): ConfiguredBlueprint {
  const allow = [...blueprint.allow]
  const isolation = leastOf(blueprint)
  const limits = presentLimits(blueprint.limits)
  if (blueprint.type === 'host') return { type: 'host', allow, isolation, limits }
  const { pools, repositories, keep } = blueprint
  return {
    type: 'working-copy',
    pools: [...pools],
    allow,
    isolation,
    limits,
    ...given({
      repositories: repositories && [...repositories],
      idleSeconds: scaled(keep?.idle, inSeconds),
      keepPerSlot: keep?.perSlot,
    }),
  }
}

const limitsOf = (limits: ConfiguredBlueprint['limits']): Limits =>
  given({
    ttl: scaled(limits.ttlSeconds, milliseconds),
    maxHold: scaled(limits.maxHoldSeconds, milliseconds),
    wait: scaled(limits.waitSeconds, milliseconds),
    activationTime: scaled(limits.activationSeconds, milliseconds),
    keepFor: scaled(limits.holdSeconds, milliseconds),
    output: limits.outputBytes,
    yields: limits.yields,
  })

const presentLimits = (limits: Limits): ConfiguredBlueprint['limits'] =>
  given({
    ttlSeconds: scaled(limits.ttl, inSeconds),
    maxHoldSeconds: scaled(limits.maxHold, inSeconds),
    waitSeconds: scaled(limits.wait, inSeconds),
    activationSeconds: scaled(limits.activationTime, inSeconds),
    holdSeconds: scaled(limits.keepFor, inSeconds),
    outputBytes: limits.output,
    yields: limits.yields,
  })

const scaled = (value: number | undefined, scale: (value: number) => number): number | undefined =>
  value === undefined ? undefined : scale(value)

const mapped = <A, B>(record: Readonly<Record<string, A>>, map: (name: string, value: A) => B) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)] as const))
