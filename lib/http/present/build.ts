import type { Build as StoredBuild, EndedBuild, StepState } from '../../domain/build.ts'
import type { BuildOutputPage } from '../../app/builds/build-output.ts'
import type { Notice } from '../../app/builds/build.ts'
import type { BuildView } from '../../app/builds/view-build.ts'
import type { Build, BuildEnded, BuildOutput } from '../../contract/build.ts'
import { presentChunk } from './command.ts'
import { given } from './given.ts'
import { iso } from './instant.ts'

type Fields = Omit<Build, 'execution' | 'waiting' | 'webhook'>

export const presentBuild = ({ build, execution, waiting, notice }: BuildView): Build => ({
  ...fieldsOf(build),
  ...given({
    waiting,
    webhook: build.webhook === undefined ? undefined : presentNotice(build.webhook, notice),
  }),
  execution,
})

function presentNotice(url: string, notice: Notice | undefined): NonNullable<Build['webhook']> {
  const { webhook: status = 'none', tries = 0, detail } = notice ?? {}
  return { url, status, tries, ...given({ detail }) }
}

/** What the webhook is told; the same as whoever asks sees, but for what only operators can follow. */
export const presentEnd = (build: EndedBuild): BuildEnded => ({
  type: 'build.ended',
  timestamp: iso(build.endedAt),
  data: fieldsOf(build),
})

function fieldsOf(build: StoredBuild): Fields {
  const { repository, commit, priority } = build.lease
  const verdict = 'verdict' in build ? build.verdict : undefined
  return {
    id: build.id,
    status: build.status,
    version: build.version,
    generation: build.generation,
    tenant: build.tenant,
    owner: build.owner,
    repository,
    leaseId: build.leaseId,
    priority,
    retriesLeft: build.retriesLeft,
    steps: build.states.map((state, index) => presentStep(build, state, index)),
    createdAt: iso(build.createdAt),
    ...given({
      commit,
      note: build.note,
      source: 'source' in build ? build.source : undefined,
      outcome: verdict?.outcome,
      reason: verdict?.reason,
      detail: verdict?.detail,
      startedAt: moment(build, 'startedAt'),
      finishedAt: moment(build, 'finishedAt'),
      endedAt: moment(build, 'endedAt'),
    }),
  }
}

function presentStep(build: StoredBuild, state: StepState, index: number): Build['steps'][number] {
  const number = index + 1
  const {
    name = String(number),
    timeoutSeconds = 0,
    continueOnError = false,
    always = false,
  } = build.steps[index] ?? {}
  const end = 'cause' in state ? state : undefined
  return {
    number,
    name,
    status: state.status,
    timeoutSeconds,
    continueOnError,
    always,
    output: `/v1/builds/${build.id}/output?step=${number}`,
    ...given({
      command: 'command' in state ? state.command : undefined,
      cause: end?.cause,
      exitCode: end?.exitCode,
      detail: end?.detail,
      startedAt: end?.startedAt === undefined ? undefined : iso(end.startedAt),
      endedAt: end ? iso(end.endedAt) : undefined,
    }),
  }
}

function moment(build: StoredBuild, field: 'startedAt' | 'finishedAt' | 'endedAt'): string | undefined {
  const at = field in build ? (build as Partial<EndedBuild>)[field] : undefined
  return at === undefined ? undefined : iso(at)
}

export const presentBuildOutput = ({ chunks, next, ended, generation }: BuildOutputPage): BuildOutput => ({
  generation,
  chunks: chunks.map((chunk) => ({ step: chunk.step, ...presentChunk(chunk) })),
  next,
  ended,
})
