import type { Landing, LandingPage } from '../../../contract/landing.ts'
import { fields, table } from './plain.ts'

export function describeLanding(landing: Landing): string {
  const { conflict, failure, receipt } = landing
  return fields({
    landing: landing.id,
    status: statusOf(landing),
    repository: landing.repository,
    branch: landing.branch,
    source: landing.source,
    strategy: landing.strategy,
    position: landing.position,
    commit: receipt?.commit,
    tree: receipt?.tree,
    before: receipt?.before,
    after: receipt?.after,
    'already in': landing.alreadyIn,
    conflict: conflict && `${conflict.files.join(', ')}${conflict.truncated ? ', and more' : ''}`,
    'does not fit': conflict?.at,
    failure: failure && `${failure.code}: ${failure.detail}`,
    moves: landing.moves === 0 ? undefined : landing.moves,
    lease: landing.leaseId,
    owner: `${landing.owner} (${landing.tenant})`,
    note: landing.note,
    created: landing.createdAt,
    ended: landing.endedAt,
    execution: landing.execution.link ?? landing.execution.arn,
  })
}

export function listLandings({ landings }: LandingPage): string {
  return table(
    ['LANDING', 'STATUS', 'REPOSITORY', 'BRANCH', 'SOURCE', 'OWNER', 'CREATED'],
    landings.map((landing) => [
      landing.id,
      statusOf(landing),
      landing.repository,
      landing.branch,
      landing.source,
      landing.owner,
      landing.createdAt,
    ]),
  )
}

const statusOf = ({ status, result }: Landing): string =>
  result === undefined ? status : `${status} (${result})`
