import type { Caller } from '../../domain/access.ts'
import type { Build, BuildTerms } from '../../domain/build.ts'
import { createBuild as begin } from '../../domain/build-transitions.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { freePermit } from '../leases/permits.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { text } from '../store/attributes.ts'
import { notThereYet } from '../store/conditions/any-item.ts'
import { keepKey } from '../store/key-record.ts'
import { idempotencyKey } from '../store/keys.ts'
import { beginWork } from '../transactions/move-work.ts'
import { readBuild, stepItem } from './build.ts'
import { askForLease } from './ask-for-lease.ts'
import type { BuildDemand, JudgedBuild } from './judge-build.ts'
import { judgeBuild } from './judge-build.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'secrets' | 'journal'>
interface Key {
  readonly hash: string
  readonly requestHash: string
}

/**
 * Records the build, asks for its lease at once, so that one that need not wait starts without another step, and then
 * sees to its execution. A death in between is repaired by its timer; a replay does the last two again.
 */
export async function createBuild(
  ports: Needs,
  caller: Caller,
  demand: BuildDemand,
  key: Key,
): Promise<Result<Build>> {
  const [record, judged] = await Promise.all([
    ports.table.get(idempotencyKey(caller.principal, key.hash)),
    judgeBuild(ports, caller, demand),
  ])
  if (record && Number(record['expires']) > ports.clock.now()) return replay(ports, record, key)
  if (!judged.ok) return judged
  if ((await freePermit(ports, caller.tenant, judged.value.quota, 0)) === undefined) {
    return refuse('quota_exceeded', `Tenant ${caller.tenant} has no free place for another living lease.`, {
      retryAfterSeconds: 30,
    })
  }
  const now = ports.clock.now()
  const step = begin(termsOf(ports, caller, demand, judged.value), { now, actor: caller.principal })
  const { work: build } = step
  const opId = ports.chance.opaque()
  const outcome = await ports.table.transact(opId, [
    keepKey({ ...key, owner: caller.principal }, { build: build.id }, now),
    ...beginWork(opId, 'build', step),
    { kind: 'put', item: stepItem(build, 0, { environment: demand.environment }), when: notThereYet },
    ...judged.value.steps.map((one, index) => ({
      kind: 'put' as const,
      item: stepItem(build, index + 1, one),
      when: notThereYet,
    })),
  ])
  if (outcome.committed) {
    await set(ports, build)
    return ok(build)
  }
  const before = outcome.lost.find(({ condition }) => condition === 'key_not_used')?.item
  if (!before) throw new Error(`build ${build.id} could not be made`)
  return replay(ports, before, key)
}

/** What cannot be had now is tried again by the execution: the build exists. */
async function set(ports: Needs, build: Build): Promise<void> {
  if (build.status === 'waiting') await askForLease(ports, build)
  await ports.executions.ensureBuild(build.id, build.generation)
}

async function replay(ports: Needs, record: Item, key: Key): Promise<Result<Build>> {
  if (record['requestHash'] !== key.requestHash || typeof record['build'] !== 'string') {
    return refuse('key_reused', 'This Idempotency-Key came with another request before.')
  }
  const id = text(record, 'build')
  const read = await readBuild(ports, id)
  if (!read) return refuse('not_found', 'The build that this key made is gone.')
  if (read.build.timer !== undefined) await set(ports, read.build)
  return ok(read.build)
}

const termsOf = (
  ports: Needs,
  caller: Caller,
  demand: BuildDemand,
  { lease, untrusted, steps }: JudgedBuild,
): BuildTerms => ({
  id: ports.chance.ulid(),
  tenant: caller.tenant,
  owner: caller.principal,
  createdAt: ports.clock.now(),
  lease,
  ...(untrusted ? { untrusted } : {}),
  ...(demand.webhook === undefined ? {} : { webhook: demand.webhook }),
  ...(demand.note === undefined ? {} : { note: demand.note }),
  leaseId: ports.chance.ulid(),
  steps: steps.map(({ name, timeoutSeconds, continueOnError, always }) => ({
    name,
    timeoutSeconds,
    continueOnError,
    always,
  })),
  retries: demand.retries,
})
