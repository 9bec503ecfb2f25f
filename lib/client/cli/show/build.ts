import type { Build, BuildPage } from '../../../contract/build.ts'
import { fields, table } from './plain.ts'

export function describeBuild(build: Build): string {
  const head = fields({
    build: build.id,
    status: statusOf(build),
    detail: build.detail,
    repository: build.repository,
    commit: build.source?.commit ?? build.commit,
    tree: build.source?.tree,
    generation: build.generation,
    lease: build.leaseId,
    waiting:
      build.waiting && `number ${build.waiting.position} in ${build.waiting.pool}: ${build.waiting.because}`,
    owner: `${build.owner} (${build.tenant})`,
    note: build.note,
    webhook:
      build.webhook && `${build.webhook.url}: ${build.webhook.status} after ${build.webhook.tries} tries`,
    created: build.createdAt,
    started: build.startedAt,
    ended: build.endedAt,
    execution: build.execution.link ?? build.execution.arn,
  })
  const steps = table(
    ['STEP', 'NAME', 'STATUS', 'EXIT', 'STARTED', 'ENDED', 'DETAIL'],
    build.steps.map((step) => [
      step.number,
      step.name,
      step.status,
      step.exitCode,
      step.startedAt,
      step.endedAt,
      step.detail,
    ]),
  )
  return `${head}\n\n${steps}`
}

export function listBuilds({ builds }: BuildPage): string {
  return table(
    ['BUILD', 'STATUS', 'REPOSITORY', 'COMMIT', 'OWNER', 'CREATED'],
    builds.map((build) => [
      build.id,
      statusOf(build),
      build.repository,
      build.source?.commit.slice(0, 12) ?? build.commit,
      build.owner,
      build.createdAt,
    ]),
  )
}

const statusOf = ({ status, outcome, reason }: Build): string => {
  if (outcome === undefined) return status
  const why = reason === undefined ? outcome : `${outcome}, ${reason}`
  return `${status} (${why})`
}
