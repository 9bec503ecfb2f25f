import { createHash } from 'node:crypto'
import type { MergeRequest, MergeState, PushRequest, PushState } from '../../app/ports/landing-verbs.ts'
import type { HostAnswer, HostFailureCode } from '../../app/ports/hosts.ts'
import { done } from './host-fence.ts'

interface Made {
  readonly tree: string
  readonly parent: string
  readonly source: string
  readonly landing: string
}

export interface FakeRemoteOptions {
  /** The files in which a source does not fit; default: none. */
  readonly conflicts?: (source: string) => readonly string[] | undefined
  /** Default: every source that is asked for. */
  readonly hasSource?: (source: string) => boolean
  /** Somebody else is at the branch just before it is pushed. */
  readonly beforePush?: (remote: FakeRemote) => void
}

/** A git server in memory: branches, and the commits that landings made of them. For tests of the control plane. */
export interface FakeRemote {
  setHead(repository: string, branch: string, commit: string): void
  head(repository: string, branch: string): string | undefined
  /** The landings that are in the branch, oldest first. */
  landed(repository: string, branch: string): readonly string[]
  merge(host: string, request: MergeRequest): HostAnswer<MergeState>
  push(host: string, request: PushRequest): HostAnswer<PushState>
}

export function createFakeRemote(options: FakeRemoteOptions = {}): FakeRemote {
  const heads = new Map<string, string>()
  const commits = new Map<string, Made>()
  /** `host/commit`: a host has only what was made on it. */
  const places = new Set<string>()
  const branchKey = (repository: string, branch: string): string => JSON.stringify([repository, branch])

  /** Newest first, down to the first that no landing made. */
  function historyOf(head: string): readonly (Made & { readonly id: string })[] {
    const history = []
    for (let id = head, made = commits.get(id); made; id = made.parent, made = commits.get(id)) {
      history.push({ ...made, id })
    }
    return history
  }
  const contains = (head: string, id: string): boolean =>
    head === id || historyOf(head).some((made) => made.id === id || made.parent === id)
  const landedOf = (
    known: readonly string[],
    head: string,
  ): HostAnswer<MergeState & PushState> | undefined => {
    const commit = known.find((id) => commits.has(id) && contains(head, id))
    if (commit === undefined) return undefined
    return done({ state: 'landed', commit, tree: commits.get(commit)?.tree ?? commit, head })
  }

  function merge(host: string, request: MergeRequest): HostAnswer<MergeState> {
    const head = heads.get(branchKey(request.repository, request.branch))
    if (head === undefined) return failed('unknown_branch')
    const landed = landedOf(request.known, head)
    if (landed) return landed
    if (request.expectedHead !== undefined && request.expectedHead !== head) {
      return done({ state: 'moved', head })
    }
    const { source } = request
    if (options.hasSource?.(source) === false) return failed('unknown_commit')
    if (historyOf(head).some((made) => made.source === source)) {
      return done({ state: 'already', head, source })
    }
    const files = options.conflicts?.(source)
    if (files) {
      const conflict = { phase: request.strategy, at: source, files, truncated: false, stderr: 'CONFLICT' }
      return done({ state: 'conflict', conflict, head, source })
    }
    const { landing, strategy, message, date } = request
    const tree = idOf(['tree', head, source])
    const commit = idOf([tree, head, source, landing, strategy, message, date])
    commits.set(commit, { tree, parent: head, source, landing })
    places.add(`${host}/${commit}`)
    return done({ state: 'made', commit, tree, before: head, source })
  }

  function push(host: string, request: PushRequest): HostAnswer<PushState> {
    options.beforePush?.(remote)
    const key = branchKey(request.repository, request.branch)
    const head = heads.get(key)
    if (!places.has(`${host}/${request.commit}`)) return done({ state: 'missing' })
    if (head === undefined) return failed('unknown_branch')
    const landed = landedOf([...request.known, request.commit], head)
    if (landed) return landed
    if (head !== request.before) return done({ state: 'moved', head })
    if (request.dryRun) return done({ state: 'dry', head })
    heads.set(key, request.commit)
    return done({ state: 'landed', commit: request.commit, tree: request.tree, head: request.commit })
  }

  const remote: FakeRemote = {
    setHead: (repository, branch, commit) => void heads.set(branchKey(repository, branch), commit),
    head: (repository, branch) => heads.get(branchKey(repository, branch)),
    landed: (repository, branch) =>
      historyOf(heads.get(branchKey(repository, branch)) ?? '')
        .map((made) => made.landing)
        .toReversed(),
    merge,
    push,
  }
  return remote
}

const failed = (code: HostFailureCode): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'request',
  code,
  detail: 'not at the remote',
})

const idOf = (parts: readonly unknown[]): string =>
  createHash('sha1').update(JSON.stringify(parts)).digest('hex')
