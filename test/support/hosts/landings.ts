import { rmSync } from 'node:fs'
import type { HostAnswer, SlotRef } from '../../../lib/app/ports/hosts.ts'
import type {
  MergeRequest,
  MergeState,
  PushRequest,
  PushState,
} from '../../../lib/app/ports/landing-verbs.ts'
import { type OpenHosts, temporaryDirectory, valueOf } from './open-hosts.ts'
import { type Content, createRepository, type SampleRepository } from './repositories.ts'

/** A bare repository to land in, and a clone beside it in which its branches are made. */
export interface Forge {
  readonly url: string
  /** Commits on a new branch, or on one that is there, and pushes it. `from`: where a new one begins. */
  branch(name: string, from: string, ...changes: Readonly<Record<string, Content>>[]): string
  /** Git in the bare repository. */
  git(...args: string[]): string
  /** Git in the clone. */
  work(...args: string[]): string
  close(): void
}

/** With the branch `main` at a first commit of `files`. */
export function createForge(files: Readonly<Record<string, Content>> = { 'a.txt': 'one\n' }): Forge {
  const work: SampleRepository = createRepository()
  const url = temporaryDirectory()
  work.commit(files)
  work.git('clone', '-q', '--bare', work.directory, url)
  work.git('remote', 'add', 'origin', url)
  return {
    url,
    branch: (name, from, ...changes) => {
      work.git('fetch', '-q', 'origin')
      work.git('checkout', '-q', '-B', name, from)
      const id = changes.map((change) => work.commit(change)).at(-1) ?? work.git('rev-parse', 'HEAD')
      work.git('push', '-q', 'origin', name)
      return id
    },
    git: (...args) => work.git(`--git-dir=${url}`, ...args),
    work: (...args) => work.git(...args),
    close: () => {
      work.close()
      rmSync(url, { recursive: true, force: true })
    },
  }
}

export const robot = { name: 'Robot', email: 'robot@example.org' }

export const mergeRequest = (
  forge: Forge,
  request: Partial<MergeRequest> & Pick<MergeRequest, 'source'>,
): MergeRequest => ({
  number: 1,
  repository: 'forge',
  url: forge.url,
  allowFile: true,
  branch: 'main',
  known: [],
  timeoutSeconds: 20,
  waitSeconds: 10,
  strategy: 'squash',
  landing: 'landing-1',
  message: 'Land it',
  committer: robot,
  date: 1_700_000_000,
  copy: false,
  ...request,
})

/** Asks until the merge is no longer running. */
export async function merge(
  { hosts, target }: OpenHosts,
  slot: SlotRef,
  request: MergeRequest,
): Promise<HostAnswer<MergeState>> {
  for (;;) {
    const answer = await hosts.merge(target, slot, request)
    if (answer.kind !== 'done' || answer.value.state !== 'running') return answer
  }
}

export async function push(
  { hosts, target }: OpenHosts,
  slot: SlotRef,
  request: PushRequest,
): Promise<HostAnswer<PushState>> {
  for (;;) {
    const answer = await hosts.push(target, slot, request)
    if (answer.kind !== 'done' || answer.value.state !== 'running') return answer
  }
}

export type Made = Extract<MergeState, { state: 'made' }>

/** A merge that must come to a commit. */
export async function made(host: OpenHosts, slot: SlotRef, request: MergeRequest): Promise<Made> {
  const state = valueOf(await merge(host, slot, request))
  if (state.state !== 'made') throw new Error(`the merge came to ${JSON.stringify(state)}`)
  return state
}

export const pushRequest = (forge: Forge, commit: Made, change: Partial<PushRequest> = {}): PushRequest => ({
  number: 1,
  repository: 'forge',
  url: forge.url,
  allowFile: true,
  branch: 'main',
  known: [],
  timeoutSeconds: 20,
  waitSeconds: 10,
  commit: commit.commit,
  tree: commit.tree,
  before: commit.before,
  dryRun: false,
  ...change,
})
