import type { AcquiredLease, CheckedOut, Checkout, MergeConflict, Receipt } from '../../domain/lease.ts'
import type { Repository } from '../../domain/catalogue.ts'
import { partsOf } from '../../domain/working-copy.ts'
import type { CheckoutRequest, CheckoutState, Disk, HostAnswer, HostTarget, SlotRef } from '../ports/hosts.ts'
import type { Ports } from '../ports/ports.ts'

type Trouble = Exclude<HostAnswer<never>, { kind: 'done' }>

/** What came of the checkouts of a lease, which are under way beside each other. */
export type CheckedOutAll =
  | { readonly kind: 'done'; readonly receipt: Receipt; readonly disk?: Disk }
  | { readonly kind: 'running'; readonly phase: string }
  | { readonly kind: 'conflict'; readonly conflict: MergeConflict }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }

/** A checkout that takes longer goes on by itself, and is asked for again. Seconds. */
const CHECKOUT_SLICE = 20
const FETCH_TIMEOUT = 3_600

/** Whatever one of them meets that has to be acted on comes before what another still waits for. */
const FIRST = ['request', 'host', 'remote'] as const

export async function checkOutAll(
  ports: Pick<Ports, 'hosts'>,
  host: HostTarget,
  ref: SlotRef,
  lease: AcquiredLease,
  checkout: Checkout,
  repositories: readonly Repository[],
): Promise<CheckedOutAll> {
  const parts = partsOf(checkout)
  const answers = await Promise.all(
    parts.map(async (part, index) => {
      const { url, allowFile } = repositories[index] ?? { url: '', allowFile: false }
      const request = { ...requestOf(lease, checkout, part), url, allowFile }
      return ports.hosts.checkout(host, ref, request)
    }),
  )
  const conflict = answers.map((answer, index) => conflictIn(parts[index], answer)).find(Boolean)
  if (conflict) return { kind: 'conflict', conflict }
  const troubles = answers.filter((answer) => answer.kind !== 'done')
  const worst = FIRST.map((fault) => troubles.find((one) => one.kind === 'failed' && one.fault === fault))
  const trouble = worst.find(Boolean) ?? troubles[0]
  if (trouble) return { kind: 'trouble', trouble }
  const states = answers.map((answer) => (answer.kind === 'done' ? answer.value : undefined))
  const running = states.find((state) => state?.state === 'running')
  if (running?.state === 'running') return { kind: 'running', phase: running.phase }
  return together(parts, states)
}

function requestOf(
  { activationTime }: AcquiredLease,
  checkout: Checkout,
  { repository, commit, directory, merges }: CheckedOut,
): Omit<CheckoutRequest, 'url' | 'allowFile'> {
  const { collection } = checkout
  const directories = partsOf(checkout).flatMap((part) => part.directory ?? [])
  return {
    repository,
    commit,
    ...(merges ? { merges } : {}),
    ...(collection === undefined || directory === undefined
      ? {}
      : { place: { collection, directory, directories } }),
    fetchTimeoutSeconds: Math.min(FETCH_TIMEOUT, Math.ceil(activationTime / 1_000)),
    waitSeconds: CHECKOUT_SLICE,
  }
}

function conflictIn(
  part: CheckedOut | undefined,
  answer: HostAnswer<CheckoutState>,
): MergeConflict | undefined {
  if (!part || answer.kind !== 'done' || answer.value.state !== 'conflict') return undefined
  const { phase, at, files, truncated, stderr } = answer.value.conflict
  return { repository: part.repository, phase, ref: at, files, truncated, stderr }
}

/** The default's receipt, with those of the others by their directories. */
function together(
  parts: readonly CheckedOut[],
  states: readonly (CheckoutState | undefined)[],
): CheckedOutAll {
  const done = states.flatMap((state) => (state?.state === 'done' ? [state] : []))
  const [first, ...others] = done
  if (!first || done.length !== parts.length) throw new Error('a checkout is in no known state')
  const beside = Object.fromEntries(
    others.map(({ receipt }, index) => [parts[index + 1]?.directory ?? '', receipt]),
  )
  const receipt = others.length === 0 ? first.receipt : { ...first.receipt, beside }
  return { kind: 'done', receipt, ...(first.disk ? { disk: first.disk } : {}) }
}
