import type { LeasedLanding, MergingLanding, PushingLanding } from '../../domain/landing/landing.ts'
import { currentCommit, sourceOf } from '../../domain/landing/landing.ts'
import { LANDING } from '../../domain/landing/limits.ts'
import { merge, record } from '../../domain/landing/steps.ts'
import { isUsable } from '../../domain/lease.ts'
import type { Host } from '../../domain/slot.ts'
import type { HostAnswer, SlotRef } from '../ports/hosts.ts'
import type { MergeState, PushState } from '../ports/landing-verbs.ts'
import type { Ports } from '../ports/ports.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { hostKey, repositoryKey, slotKey } from '../store/keys.ts'
import { readLanding } from '../store/landing-item.ts'
import { readLease } from '../store/read.ts'
import { hostOf, slotOf } from '../store/slot-item.ts'
import type { AtHost } from './host-trouble.ts'
import { DECIDE, hostTrouble } from './host-trouble.ts'
import { keepAlive } from './keep-alive.ts'
import { byExecution, loseLease, move, settleAs } from './settle-landing.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'hosts' | 'journal'>

/** A merge or push that takes longer goes on by itself, and is asked for again. Seconds. */
const SLICE = 20
const REMOTE_TIMEOUT = 600

/** Has the host make the landing's commit, or push it, and writes down what came of it before it answers. */
export async function landAtHost(ports: Needs, id: string): Promise<AtHost> {
  const landing = await readLanding(ports, id)
  if (landing?.status !== 'merging' && landing?.status !== 'pushing') return DECIDE
  await keepAlive(ports, landing)
  const place = await placeOf(ports, landing)
  if (!place) {
    await loseLease(ports, landing, 'its slot is not its own any more')
    return DECIDE
  }
  const answer =
    landing.status === 'merging' ? await makeIt(ports, landing, place) : await pushIt(ports, landing, place)
  if (answer.kind !== 'done') return hostTrouble(ports, landing, answer)
  if (answer.value.state === 'running') return { route: 'YIELD', seconds: 1 }
  if (landing.status === 'merging') await made(ports, landing, answer.value as MergeState)
  else await pushed(ports, landing, answer.value as PushState)
  return DECIDE
}

interface Place {
  readonly host: Host
  readonly ref: SlotRef
  readonly url: string
  readonly allowFile: boolean
}

/** Only in the very holding that its lease has now. */
async function placeOf(ports: Needs, landing: LeasedLanding): Promise<Place | undefined> {
  const lease = await readLease(ports, landing.lease)
  if (!lease || !isUsable(lease, ports.clock.now())) return undefined
  const { host, number } = lease.slot
  const [hostItem, slotItem, repositoryItem] = await ports.table.getAll([
    hostKey(host),
    slotKey(host, number),
    repositoryKey(landing.repository),
  ])
  const nonce = slotItem && slotOf(slotItem).nonce
  if (!hostItem || !nonce || !repositoryItem) return undefined
  const { url, allowFile } = repositoryOf(repositoryItem)
  return { host: hostOf(hostItem), ref: { slot: number, nonce, epoch: lease.epoch }, url, allowFile }
}

/** The version is the number of the try: each time that it comes to merge or to push has one of its own. */
const stepOf = (landing: MergingLanding | PushingLanding, { url, allowFile }: Place) => ({
  number: landing.version,
  repository: landing.repository,
  url,
  allowFile,
  branch: landing.branch,
  known: landing.made.map((one) => one.commit),
  timeoutSeconds: REMOTE_TIMEOUT,
  waitSeconds: SLICE,
})

async function makeIt(ports: Needs, landing: MergingLanding, place: Place): Promise<HostAnswer<MergeState>> {
  const { message, author, expectedHead } = landing
  return ports.hosts.merge(place.host, place.ref, {
    ...stepOf(landing, place),
    source: sourceOf(landing),
    strategy: landing.strategy,
    landing: landing.id,
    committer: landing.committer,
    date: Math.floor(landing.createdAt / 1_000),
    copy: landing.verify.length > 0,
    ...(message === undefined ? {} : { message }),
    ...(author === undefined ? {} : { author }),
    ...(expectedHead === undefined ? {} : { expectedHead }),
  })
}

async function pushIt(ports: Needs, landing: PushingLanding, place: Place): Promise<HostAnswer<PushState>> {
  const { commit, tree, before } = currentCommit(landing)
  const step = { ...stepOf(landing, place), commit, tree, before, dryRun: landing.dryRun }
  return ports.hosts.push(place.host, place.ref, step)
}

async function made(ports: Needs, landing: MergingLanding, state: MergeState): Promise<void> {
  switch (state.state) {
    case 'made': {
      const { state: _, ...commit } = state
      await move(ports, landing, record(landing, commit, byExecution(ports)))
      return
    }
    case 'conflict':
      await settleAs(ports, landing, {
        result: 'conflict',
        conflict: state.conflict,
        head: state.head,
        source: state.source,
      })
      return
    case 'already':
      await settleAs(ports, landing, { result: 'already_landed', head: state.head, source: state.source })
      return
    case 'moved':
      await headMoved(ports, landing, state.head)
      return
    case 'landed':
      await hasLanded(ports, landing, state.commit)
      return
    case 'running':
      return
  }
}

async function pushed(ports: Needs, landing: PushingLanding, state: PushState): Promise<void> {
  switch (state.state) {
    case 'landed':
      await hasLanded(ports, landing, state.commit)
      return
    case 'dry': {
      const current = currentCommit(landing)
      await settleAs(ports, landing, {
        result: 'dry_run',
        receipt: { ...current, after: current.commit },
      })
      return
    }
    case 'moved':
      await headMoved(ports, landing, state.head)
      return
    case 'missing':
      await move(ports, landing, merge(landing, byExecution(ports), 'missing'))
      return
    case 'running':
      return
  }
}

async function hasLanded(
  ports: Needs,
  landing: MergingLanding | PushingLanding,
  commit: string,
): Promise<void> {
  const known = landing.made.find((one) => one.commit === commit)
  if (!known) throw new Error(`landing ${landing.id} never made ${commit}`)
  await settleAs(ports, landing, { result: 'landed', receipt: { ...known, after: commit } })
}

/** Somebody else pushed: the commit is made anew on the new head, unless a head was demanded or it happens too often. */
async function headMoved(
  ports: Needs,
  landing: MergingLanding | PushingLanding,
  head: string,
): Promise<void> {
  // None of its commits is in the branch, and none fits on this head: a push that had begun cannot arrive any more.
  const failed = (code: string, detail: string) =>
    settleAs(ports, landing, { result: 'failed', code, detail })
  if (landing.expectedHead !== undefined) {
    await failed('head_moved', `the head of ${landing.branch} is ${head}`)
  } else if (landing.status === 'merging' || landing.moves >= LANDING.moves) {
    const times = `the head of ${landing.branch} moved ${landing.moves + 1} times; it is ${head} now`
    await failed('head_moves', times)
  } else {
    await move(ports, landing, merge(landing, byExecution(ports), 'moved'))
  }
}
