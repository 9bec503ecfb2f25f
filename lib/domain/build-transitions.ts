import type {
  BuildTerms,
  EndedBuild,
  ReleasingBuild,
  RunningBuild,
  Source,
  StepEnd,
  StepState,
  Verdict,
  WaitingBuild,
} from './build.ts'
import { TIMERS } from './limits.ts'
import type { Cause } from './step.ts'
import { told } from './step.ts'
import type { WorkStep } from './work.ts'

/** What a step's command became: its place in the order, and how it ended. */
export interface Ran {
  readonly index: number
  readonly status: 'succeeded' | 'failed' | 'lost'
  readonly end: StepEnd
}

/** A step that was begun as this command of the lease. */
export interface Begun {
  readonly index: number
  readonly command: number
}

const soon = (by: Cause) => by.now + TIMERS.step

export function createBuild(terms: BuildTerms, by: Cause): WorkStep<WaitingBuild> {
  const work: WaitingBuild = {
    ...terms,
    status: 'waiting',
    version: 1,
    generation: 1,
    retriesLeft: terms.retries,
    states: terms.steps.map(() => ({ status: 'waiting' })),
    since: by.now,
    timer: soon(by),
  }
  return { work, event: told(1, 'created', by, { lease: terms.leaseId }) }
}

/** Its lease is active and the first step was begun. */
export function startBuild(
  build: WaitingBuild,
  source: Source,
  first: Begun,
  by: Cause,
): WorkStep<RunningBuild> {
  const { status: _, ...rest } = build
  const version = build.version + 1
  return {
    work: {
      ...rest,
      status: 'running',
      version,
      source,
      startedAt: by.now,
      states: begin(build.states, first),
      timer: soon(by),
    },
    event: told(version, 'started', by, { commit: source.commit, tree: source.tree, command: first.command }),
  }
}

/** A step ended, and the next one was begun. */
export function advanceBuild(build: RunningBuild, ran: Ran, next: Begun, by: Cause): WorkStep<RunningBuild> {
  const version = build.version + 1
  return {
    work: { ...build, version, states: begin(end(build.states, ran), next), timer: soon(by) },
    event: told(version, 'step', by, {
      ended: build.steps[ran.index]?.name ?? '',
      as: ran.status,
      begun: build.steps[next.index]?.name ?? '',
      command: next.command,
    }),
  }
}

/** The verdict is known, by its last step or by whatever ended it: the lease is given back from now on. */
export function releaseBuild(
  build: WaitingBuild | RunningBuild,
  verdict: Verdict,
  by: Cause,
  more: { readonly ran?: Ran; readonly restart?: { readonly leaseId: string } } = {},
): WorkStep<ReleasingBuild> {
  const { status: _, ...rest } = build
  const version = build.version + 1
  const states = (more.ran ? end(build.states, more.ran) : build.states).map(stopped)
  return {
    work: {
      ...rest,
      status: 'releasing',
      version,
      states,
      verdict,
      finishedAt: by.now,
      ...(more.restart ? { restart: more.restart } : {}),
      timer: soon(by),
    },
    event: told(version, 'releasing', by, { ...said(verdict), ...(more.ran ? { as: more.ran.status } : {}) }),
  }
}

/** Somebody wants it anew, or not any more, while its lease is given back. What it has come to stays. */
export function reviseRelease(
  build: ReleasingBuild,
  restart: { readonly leaseId: string } | undefined,
  by: Cause,
): WorkStep<ReleasingBuild> {
  const { restart: _, ...rest } = build
  const version = build.version + 1
  const wish = restart ? 'restart_asked' : 'aborted'
  const verdict: Verdict =
    !restart && build.verdict.reason === 'restarted'
      ? { outcome: 'aborted', reason: 'aborted' }
      : build.verdict
  return {
    work: { ...rest, version, verdict, ...(restart ? { restart } : { retriesLeft: 0 }) },
    event: told(version, wish, by),
  }
}

/** Nothing of its lease is left. */
export function endBuild(build: ReleasingBuild, by: Cause): WorkStep<EndedBuild> {
  const { status: _, restart: _restart, ...rest } = build
  const version = build.version + 1
  return {
    work: { ...rest, status: 'ended', version, endedAt: by.now, timer: soon(by) },
    event: told(version, 'ended', by, said(build.verdict)),
  }
}

/** A new generation: nothing of the one before is left but its record. */
export function renewBuild(
  build: ReleasingBuild | EndedBuild,
  leaseId: string,
  by: Cause,
  retriesLeft: number = build.retriesLeft,
): WorkStep<WaitingBuild> {
  const version = build.version + 1
  const generation = build.generation + 1
  const { id, tenant, owner, createdAt, lease, untrusted, webhook, note, steps, retries } = build
  return {
    work: {
      id,
      tenant,
      owner,
      createdAt,
      lease,
      ...(untrusted ? { untrusted } : {}),
      ...(webhook === undefined ? {} : { webhook }),
      ...(note === undefined ? {} : { note }),
      steps,
      retries,
      leaseId,
      status: 'waiting',
      version,
      generation,
      retriesLeft,
      states: steps.map(() => ({ status: 'waiting' })),
      since: by.now,
      timer: soon(by),
    },
    event: told(version, 'restarted', by, { generation, lease: leaseId, after: build.verdict.outcome }),
  }
}

/**
 * Whether a generation that ends is followed by another one that nobody has to ask for. One that waited in vain has had
 * all the time that it asked for.
 */
export const triesAgain = ({ verdict, retriesLeft }: ReleasingBuild): boolean =>
  verdict.outcome === 'infrastructure' && verdict.reason !== 'wait_timeout' && retriesLeft > 0

const begin = (states: readonly StepState[], { index, command }: Begun): readonly StepState[] =>
  states.map((state, at) => (at === index ? { status: 'running', command } : state))

const end = (states: readonly StepState[], { index, status, end: how }: Ran): readonly StepState[] =>
  states.map((state, at) =>
    at === index && state.status === 'running' ? { status, command: state.command, ...how } : state,
  )

const stopped = (state: StepState): StepState => {
  if (state.status === 'running') return { status: 'stopped', command: state.command }
  return state.status === 'waiting' ? { status: 'skipped' } : state
}

const said = ({ outcome, reason }: Verdict) => ({ outcome, ...(reason === undefined ? {} : { reason }) })
