import type { Caller } from '../../domain/access.ts'
import { isOperator } from '../../domain/access.ts'
import type { Build, EndedBuild, StepTerms } from '../../domain/build.ts'
import type { Refusal, Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { principalOf } from '../../domain/work.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item, Value } from '../ports/table.ts'
import { buildStepKey, generationKey, workKey } from '../store/keys.ts'
import { toldOf, workCollectableAt, workFrom } from '../store/work-item.ts'

/** What a build is told to run in one step. */
export interface StepDemand extends StepTerms {
  readonly script: string
  readonly environment: Readonly<Record<string, string>>
}

export interface ReadBuild {
  readonly build: Build
  /** How often it was told something, as of this reading. */
  readonly told: number
}

export const buildOf = (item: Item): Build => workFrom(item) as unknown as Build

export async function readBuild(ports: Pick<Ports, 'table'>, id: string): Promise<ReadBuild | undefined> {
  const item = await ports.table.get(workKey('build', id))
  return item && { build: buildOf(item), told: toldOf(item) }
}

/** As whom a build asks for its lease, and holds it: trusted no further than whoever asked for the build. */
export const callerOf = ({ id, tenant, leaseId, untrusted }: Build): Caller => ({
  principal: principalOf('build', id),
  tenant,
  scopes: [untrusted ? 'untrusted' : 'lease'],
  lease: leaseId,
})

/** Its owner or an operator: everybody else is told that there is no such build. */
export const mayReadBuild = (caller: Caller, build: Pick<Build, 'owner' | 'tenant'>): boolean =>
  isOperator(caller) ||
  (caller.lease === undefined && caller.tenant === build.tenant && caller.principal === build.owner)

export const noSuchBuild = (id: string): { readonly ok: false; readonly refusal: Refusal } =>
  refuse('not_found', `There is no build ${id}, or it is not yours.`)

export async function readableBuild(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<ReadBuild>> {
  const read = await readBuild(ports, id)
  return read && mayReadBuild(caller, read.build) ? ok(read) : noSuchBuild(id)
}

/** Number 0 holds what all steps share. */
export const stepItem = (
  build: Pick<Build, 'id' | 'createdAt'>,
  number: number,
  step: { readonly script?: string; readonly environment: Readonly<Record<string, string>> },
): Item => ({
  ...buildStepKey(build.id, number),
  ...(step.script === undefined ? {} : { script: step.script }),
  environment: step.environment,
  ttl: workCollectableAt(build.createdAt),
})

/** Whom the end of a generation was told to, and what became of that. */
export interface Notice {
  readonly webhook: 'none' | 'pending' | 'delivered' | 'failed'
  readonly tries: number
  readonly detail?: string
}

/** A generation that has ended, as it is kept when another one follows. */
export function generationItem(build: EndedBuild, notice: Notice): Item {
  const { generation, leaseId, verdict, states, source, since, startedAt, finishedAt, endedAt } = build
  const given = { source, startedAt }
  const there = Object.entries(given).filter((entry): entry is [string, never] => entry[1] !== undefined)
  return {
    ...generationKey(build.id, generation),
    generation,
    leaseId,
    verdict: { ...verdict },
    states: states as unknown as Value,
    since,
    finishedAt,
    endedAt,
    ...Object.fromEntries(there),
    ...notice,
    ttl: workCollectableAt(build.createdAt),
  }
}

export function noticeOf(item: Item): Notice {
  const { webhook, tries, detail } = item
  return {
    webhook: webhook as Notice['webhook'],
    tries: Number(tries),
    ...(typeof detail === 'string' ? { detail } : {}),
  }
}

/** A generation as it ended, whatever became of the build since. */
export function endedOf(build: Build, item: Item): EndedBuild {
  const { PK: _, SK: _sk, ttl: _ttl, webhook: _w, tries: _tries, detail: _detail, ...rest } = item
  const { id, tenant, owner, createdAt, lease, untrusted, note, steps, retries, version } = build
  const { retriesLeft, webhook } = build
  return {
    id,
    tenant,
    owner,
    createdAt,
    lease,
    ...(untrusted ? { untrusted } : {}),
    ...(note === undefined ? {} : { note }),
    ...(webhook === undefined ? {} : { webhook }),
    steps,
    retries,
    version,
    retriesLeft,
    ...(rest as unknown as Pick<
      EndedBuild,
      | 'generation'
      | 'leaseId'
      | 'verdict'
      | 'states'
      | 'source'
      | 'since'
      | 'startedAt'
      | 'finishedAt'
      | 'endedAt'
    >),
    status: 'ended',
  }
}
