import type { EndedBuild } from '../../domain/build.ts'
import type { Ports } from '../ports/ports.ts'
import type { Item } from '../ports/table.ts'
import { noticeDue } from '../store/conditions/work.ts'
import { generationKey, workKey } from '../store/keys.ts'
import { rearmWork } from '../transactions/rearm-work.ts'
import type { Notice } from './build.ts'
import { buildOf, endedOf, noticeOf } from './build.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'webhooks' | 'journal'>

export type Notified = { readonly route: 'DONE' } | { readonly route: 'AGAIN'; readonly seconds: number }

/** Seconds before the tries after the first; then it is given up. Some three hours, as long as a bad evening. */
const PAUSES = [5, 60, 300, 1_800, 7_200] as const
const MOST_TRIES = PAUSES.length + 1

/**
 * Tells the webhook of a generation of its end, once more after each failure for as long as that may help. The build
 * has ended long before, whatever comes of this; when there is nobody left to tell, its timer goes.
 */
export async function notifyBuild(
  ports: Needs,
  id: string,
  generation: number,
  bodyOf: (build: EndedBuild) => unknown,
): Promise<Notified> {
  const [item, record] = await ports.table.getAll([workKey('build', id), generationKey(id, generation)])
  if (!item || !record) return { route: 'DONE' }
  const build = buildOf(item)
  const notice = noticeOf(record)
  const ended = endedOf(build, record)
  if (notice.webhook === 'pending' && ended.webhook !== undefined) {
    const told = await tell(ports, ended, notice, ended.webhook, bodyOf)
    if (told.route === 'AGAIN') return told
  }
  if (build.status === 'ended' && build.generation === generation) {
    await rearmWork(ports, 'build', build, undefined)
  }
  return { route: 'DONE' }
}

async function tell(
  ports: Needs,
  build: EndedBuild,
  { tries }: Notice,
  url: string,
  bodyOf: (build: EndedBuild) => unknown,
): Promise<Notified> {
  if (tries >= MOST_TRIES) {
    return settle(ports, build, tries, { webhook: 'failed', detail: 'every try to tell it died' })
  }
  // Counted before it is made: a try that dies whoever makes it is not made for ever.
  const counted = await ports.table.write({
    kind: 'update',
    key: generationKey(build.id, build.generation),
    set: { tries: tries + 1 },
    when: noticeDue(tries),
  })
  if (!counted.committed) return { route: 'AGAIN', seconds: PAUSES[0] }
  const id = `build_${build.id}_${build.generation}`
  const posted = await ports.webhooks.post({
    id,
    tenant: build.tenant,
    url,
    body: JSON.stringify(bodyOf(build)),
  })
  if (posted.kind === 'delivered') return settle(ports, build, tries + 1, { webhook: 'delivered' })
  ports.journal.warn('a webhook was not delivered', { buildId: build.id, tries: tries + 1, posted })
  const seconds = posted.kind === 'refused' ? undefined : PAUSES[tries]
  if (seconds === undefined) {
    return settle(ports, build, tries + 1, { webhook: 'failed', detail: posted.detail })
  }
  await settle(ports, build, tries + 1, { webhook: 'pending', detail: posted.detail })
  return { route: 'AGAIN', seconds }
}

async function settle(
  ports: Needs,
  build: EndedBuild,
  tries: number,
  { detail, ...rest }: Omit<Notice, 'tries'>,
): Promise<Notified> {
  const set: Omit<Item, 'PK' | 'SK'> = {
    ...rest,
    ...(detail === undefined ? {} : { detail }),
  }
  await ports.table.write({
    kind: 'update',
    key: generationKey(build.id, build.generation),
    set,
    remove: detail === undefined ? ['detail'] : [],
    when: noticeDue(tries),
  })
  return { route: 'DONE' }
}
