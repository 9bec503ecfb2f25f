import type { CheckoutRequest, CheckoutState, Disk } from '../app/ports/hosts.ts'
import type { MergedRef, Receipt } from '../domain/lease.ts'
import type { Fields } from './answer.ts'
import { directoryName, number, text } from './fields.ts'
import { conflictOf, objectId } from './landing.ts'
import type { Field } from './payload.ts'

export function checkoutFields(request: CheckoutRequest, waitSeconds: number): Field[] {
  const { place, merges = [] } = request
  return [
    ['repository', directoryName(request.repository)],
    ['url', request.url],
    ['commit', objectId(request.commit)],
    ['file', request.allowFile ? 1 : 0],
    ['timeout', request.fetchTimeoutSeconds],
    ['wait', waitSeconds],
    ...merges.map(({ how, ref }): Field => ['merge', `${how} ${objectId(ref)}`]),
    ...(place ? placeFields(place) : []),
  ]
}

const placeFields = ({
  collection,
  directory,
  directories,
}: NonNullable<CheckoutRequest['place']>): Field[] => [
  ['place', `${collection}/${directory}`],
  ...directories.map((name): Field => ['beside', name]),
]

export function checkoutOf(fields: Fields, request: CheckoutRequest): CheckoutState {
  const state = text(fields, 'state')
  if (state === 'running') return { state, phase: text(fields, 'phase') }
  if (state === 'conflict') return { state, conflict: conflictOf(fields) }
  const receipt: Receipt = {
    commit: text(fields, 'commit'),
    tree: text(fields, 'tree'),
    path: text(fields, 'path'),
    files: number(fields, 'files'),
    fetched: text(fields, 'fetched') === '1',
    milliseconds: number(fields, 'milliseconds'),
    ...mergedOf(fields, request),
  }
  return { state: 'done', receipt, disk: diskOf(fields) }
}

/** The host answers the ids in the order in which the refs were asked for. */
function mergedOf(fields: Fields, { merges = [] }: CheckoutRequest): Pick<Receipt, 'base' | 'merged'> {
  const base = fields.get('base')
  if (base === undefined) return {}
  const ids = text(fields, 'merged').split(',')
  const merged = merges.map((merge, index): MergedRef => ({ ...merge, commit: ids[index] ?? '' }))
  return { base, merged }
}

export const diskOf = (fields: Fields): Disk => ({
  freeBytes: number(fields, 'free'),
  totalBytes: number(fields, 'total'),
})
