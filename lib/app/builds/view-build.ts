import type { Caller } from '../../domain/access.ts'
import type { Build } from '../../domain/build.ts'
import type { TimelineEvent } from '../../domain/lease.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import type { LeaseView } from '../leases/view-lease.ts'
import { viewLease } from '../leases/view-lease.ts'
import type { Ports } from '../ports/ports.ts'
import { generationKey, workEventKey } from '../store/keys.ts'
import { eventOf } from '../store/lease-item.ts'
import { readLease } from '../store/read.ts'
import type { Notice } from './build.ts'
import { noticeOf, readableBuild } from './build.ts'

/** A build as its reader sees it. */
export interface BuildView {
  readonly build: Build
  readonly execution: { readonly arn: string; readonly link?: string }
  /** While its lease stands in the queue. */
  readonly waiting?: NonNullable<LeaseView['waiting']>
  /** Once it has ended, where it names a webhook. */
  readonly notice?: Notice
}

type Needs = Pick<Ports, 'table' | 'executions' | 'clock' | 'journal'>

export async function viewBuild(ports: Needs, build: Build): Promise<BuildView> {
  const execution = ports.executions.buildExecution(build.id, build.generation)
  if (build.status === 'waiting') {
    const lease = await readLease(ports, build.leaseId)
    const waiting = lease?.status === 'pending' ? (await viewLease(ports, lease)).waiting : undefined
    return { build, execution, ...(waiting ? { waiting } : {}) }
  }
  if (build.status !== 'ended' || build.webhook === undefined) return { build, execution }
  const record = await ports.table.get(generationKey(build.id, build.generation))
  return { build, execution, ...(record ? { notice: noticeOf(record) } : {}) }
}

/** A look costs one read; a build that takes minutes is noticed late by a second at most. Milliseconds. */
const PACE = { first: 20, growth: 1.2, longest: 1_000 } as const

/** The build; with time to wait, as soon as it has ended or when the time is up. */
export async function awaitBuild(
  ports: Needs,
  caller: Caller,
  id: string,
  milliseconds: number,
): Promise<Result<BuildView>> {
  const until = ports.clock.now() + milliseconds
  for (let pause: number = PACE.first; ; pause = Math.min(pause * PACE.growth, PACE.longest)) {
    const found = await readableBuild(ports, caller, id)
    if (!found.ok) return found
    const { build } = found.value
    const left = until - ports.clock.now()
    if (build.status === 'ended' || left <= 0) return ok(await viewBuild(ports, build))
    await ports.clock.sleep(Math.min(pause, left))
  }
}

export async function buildEvents(
  ports: Pick<Ports, 'table'>,
  caller: Caller,
  id: string,
): Promise<Result<readonly TimelineEvent[]>> {
  const found = await readableBuild(ports, caller, id)
  if (!found.ok) return found
  const { PK, SK: from } = workEventKey('build', id, 0)
  const items = await ports.table.query({ PK, from, to: 'EV#~', limit: 10_000 })
  return ok(items.map(eventOf))
}
