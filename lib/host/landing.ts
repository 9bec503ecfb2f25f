import type {
  Conflict,
  LandingStrategy,
  MergeRequest,
  MergeState,
  PushRequest,
  PushState,
} from '../app/ports/landing-verbs.ts'
import type { Fields } from './answer.ts'
import { bytes, directoryName, text } from './fields.ts'
import type { Field } from './payload.ts'

/** How much of the names of files the host sends at most. */
const FILES_BYTES = 12_000

export function mergeFields(request: MergeRequest): Field[] {
  const { author, committer, message, expectedHead } = request
  return [
    ...stepFields(request),
    ['land-source', objectId(request.source)],
    ['land-strategy', request.strategy],
    ['land-id', request.landing],
    ['land-date', request.date],
    ['land-copy', request.copy ? 1 : 0],
    ['land-committer-name', committer.name],
    ['land-committer-email', committer.email],
    ...given('land-author-name', author?.name),
    ...given('land-author-email', author?.email),
    ...given('land-expected', expectedHead),
    ...given('land-message', message),
  ]
}

export function pushFields(request: PushRequest): Field[] {
  return [
    ...stepFields(request),
    ['land-commit', request.commit],
    ['land-tree', request.tree],
    ['land-before', request.before],
    ['land-dry', request.dryRun ? 1 : 0],
  ]
}

function stepFields(request: MergeRequest | PushRequest): Field[] {
  const { credential } = request
  const secret = credential && Buffer.from(`${credential.user}:${credential.password}`).toString('base64')
  return [
    ['repository', directoryName(request.repository)],
    ['number', request.number],
    ['wait', request.waitSeconds],
    ...given('secret', secret),
    ['timeout', request.timeoutSeconds],
    ['land-url', request.url],
    ['land-file', request.allowFile ? 1 : 0],
    ['land-branch', request.branch],
    ...request.known.map((id): Field => ['land-known', id]),
  ]
}

const given = (name: string, value: string | undefined): Field[] =>
  value === undefined ? [] : [[name, value]]

export const objectId = (commit: string): string =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit) ? commit.toLowerCase() : commit

export function mergeOf(fields: Fields): MergeState {
  const state = text(fields, 'state')
  const source = (): string => text(fields, 'source')
  const head = (): string => text(fields, 'head')
  switch (state) {
    case 'made':
      return { state, ...commitOf(fields), before: text(fields, 'before'), source: source() }
    case 'conflict':
      return { state, conflict: conflictOf(fields), head: head(), source: source() }
    case 'already':
      return { state, head: head(), source: source() }
    default:
      return remoteStateOf(state, fields)
  }
}

export function pushOf(fields: Fields): PushState {
  const state = text(fields, 'state')
  if (state === 'dry') return { state, head: text(fields, 'head') }
  if (state === 'missing') return { state }
  return remoteStateOf(state, fields)
}

/** What both verbs may answer. */
function remoteStateOf(state: string, fields: Fields): MergeState & PushState {
  if (state === 'running') return { state, phase: text(fields, 'phase') }
  const head = text(fields, 'head')
  if (state === 'moved') return { state, head }
  if (state === 'landed') return { state, ...commitOf(fields), head }
  throw new Error(`a landing is in no known state: ${state}`)
}

const commitOf = (fields: Fields): { commit: string; tree: string } => ({
  commit: text(fields, 'commit'),
  tree: text(fields, 'tree'),
})

/** The names end with a NUL each, after the id of a tree; a last one without was cut. */
export function conflictOf(fields: Fields): Conflict {
  const raw = Buffer.from(bytes(fields, 'files64'))
  const names = raw.toString('utf8').split('\0').slice(0, -1)
  return {
    phase: strategyOf(text(fields, 'phase')),
    at: text(fields, 'at'),
    files: names.slice(1),
    truncated: raw.length >= FILES_BYTES,
    stderr: Buffer.from(bytes(fields, 'said64')).toString('utf8'),
  }
}

function strategyOf(phase: string): LandingStrategy {
  if (phase !== 'squash' && phase !== 'merge' && phase !== 'rebase') {
    throw new Error(`a conflict is of no known phase: ${phase}`)
  }
  return phase
}
