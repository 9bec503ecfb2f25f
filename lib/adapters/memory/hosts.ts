import type {
  CheckoutRequest,
  CheckoutState,
  CommandEnd,
  CommandRequest,
  CommandState,
  Disk,
  FollowRequest,
  FollowState,
  HostAnswer,
  Hosts,
  HostTarget,
  Probe,
  SlotRef,
} from '../../app/ports/hosts.ts'
import type { Isolation } from '../../domain/isolation.ts'
import { createFakeCopies, FAKE_DISK } from './host-copies.ts'
import type { FakeCopies } from './host-copies.ts'
import { createFences, done, type Fences } from './host-fence.ts'
import { createFakeRemote, type FakeRemote } from './remote.ts'

export type VerbName = keyof Hosts

export interface HostCall {
  readonly verb: VerbName
  readonly host: string
  readonly slot?: number
  readonly epoch?: number
}

/** How a fake command behaves: `hang` runs until it is cancelled or its slot is closed. */
export type FakeCommand =
  | 'hang'
  | {
      readonly exitCode: number
      readonly stdout?: string
      readonly stderr?: string
      /** How long it runs; default 0. */
      readonly milliseconds?: number
      /** What is there of its output comes as it runs, evenly; default: all of it at once. */
      readonly steady?: true
    }

export interface FakeHostsOptions {
  /** Epoch milliseconds, as the hosts' clocks would tell. */
  readonly now: () => number
  /** Default: every command ends at once with 0 and no output. */
  readonly command?: (request: CommandRequest, target: HostTarget) => FakeCommand
  /** Default: a receipt for the commit asked for. */
  readonly checkout?: (request: CheckoutRequest, target: HostTarget) => HostAnswer<CheckoutState>
  /** The git server that landings meet; default: one that has no branch. */
  readonly remote?: FakeRemote
  /** Default: a disk with much room. */
  readonly disk?: (host: string) => Disk
  /** What its probe says instead. */
  readonly probe?: (target: HostTarget) => Partial<Probe>
  /** The level that a host reaches; default `user`. */
  readonly isolation?: (target: HostTarget) => Isolation
  /** Told of each slot (`host/number`) whose processes a verb has killed, or the loss of the host's disk. */
  readonly emptied?: (slot: string) => void
}

export interface FakeHosts extends Hosts {
  /** Every call so far, in order. */
  readonly calls: readonly HostCall[]
  /** The next call of that verb, on that host where one is named, gets this answer and has no effect. */
  answerNext(verb: VerbName, answer: HostAnswer<never>, host?: string): void
  /** The host's disk is lost: it knows no slot any more. */
  reimage(host: string): void
  /** The commands that run now, as `host/slot/number`. */
  running(): readonly string[]
  /** The working copies on the slot (`host/number`). */
  readonly copies: Pick<FakeCopies, 'names' | 'lose'>
}

interface Job {
  /** `never`: it was cancelled before it came. */
  readonly command: FakeCommand | 'never'
  readonly startedAt: number
  cancelledAt?: number
}

/** Hosts without machines that keep their fences as the host script does. For tests of the control plane. */
export function createFakeHosts(options: FakeHostsOptions): FakeHosts {
  const calls: HostCall[] = []
  const planned: { verb: VerbName; answer: HostAnswer<never>; host: string | undefined }[] = []
  const jobs = new Map<string, Job>()
  const copies = createFakeCopies((host) => options.disk?.(host) ?? FAKE_DISK)
  const endJobs = (slot: string): void => {
    for (const key of jobs.keys()) if (key.startsWith(`${slot}/`)) jobs.delete(key)
    options.emptied?.(slot)
  }
  const remote = options.remote ?? createFakeRemote()
  const ended = (job: Job): boolean => endOf(job, options.now()) !== undefined
  const fences = createFences(endJobs)

  async function attempt<T>(
    call: HostCall,
    judge: () => HostAnswer<unknown>,
    act: () => HostAnswer<T>,
  ): Promise<HostAnswer<T>> {
    calls.push(call)
    const at = planned.findIndex(
      ({ verb, host }) => verb === call.verb && (host === undefined || host === call.host),
    )
    const [plan] = at < 0 ? [] : planned.splice(at, 1)
    if (plan) return plan.answer
    const verdict = judge()
    return verdict.kind === 'done' ? act() : verdict
  }

  const callOf = (verb: VerbName, { name }: HostTarget, slot: SlotRef): HostCall => ({
    verb,
    host: name,
    slot: slot.slot,
    epoch: slot.epoch,
  })
  const levelOf = (target: HostTarget): Isolation => options.isolation?.(target) ?? 'user'
  const nothing = (): HostAnswer<object> => done({})

  function start(target: HostTarget, slot: SlotRef, request: CommandRequest): Job {
    const key = jobKey(target, slot, request.number)
    const job = jobs.get(key) ?? {
      command: options.command?.(request, target) ?? { exitCode: 0 },
      startedAt: options.now(),
    }
    jobs.set(key, job)
    return job
  }

  return {
    calls,
    answerNext: (verb, answer, host) => void planned.push({ verb, answer, host }),
    copies,
    reimage: (host) => fences.forget(host, (slot) => copies.wipe(slot)),
    running: () => [...jobs].filter(([, job]) => !ended(job)).map(([key]) => key),
    probe: (target) =>
      attempt({ verb: 'probe', host: target.name }, nothing, () =>
        done({
          git: '2.39.5',
          bootId: 'fake',
          isolation: levelOf(target),
          diskFreeBytes: 10 ** 12,
          diskTotalBytes: 2 * 10 ** 12,
          clock: options.now(),
          ...options.probe?.(target),
        }),
      ),
    init: (target, slot) =>
      attempt(
        callOf('init', target, slot),
        () => fences.init(target.name, slot, (name) => copies.wipe(name)),
        nothing,
      ),
    open: (target, slot) =>
      attempt(
        callOf('open', target, slot),
        () => fences.open(target.name, slot),
        () => done({ isolation: levelOf(target) }),
      ),
    close: (target, slot) =>
      attempt(callOf('close', target, slot), () => fences.close(target.name, slot), nothing),
    checkout: (target, slot, request) =>
      attempt(callOf('checkout', target, slot), inside(fences, target, slot), () => {
        copies.begin(`${target.name}/${slot.slot}`, slot.epoch, copyName(request))
        return (options.checkout ?? receiptFor)(request, target)
      }),
    tidy: (target, slot, { keep }) =>
      attempt(
        callOf('tidy', target, slot),
        () => fences.requireSettled(target.name, slot),
        () => {
          const settled = fences.requireSettled(target.name, slot)
          const open = settled.kind === 'done' && settled.value.open
          return done(copies.tidy(`${target.name}/${slot.slot}`, slot, open, keep))
        },
      ),
    run: (target, slot, request) =>
      attempt(callOf('run', target, slot), inside(fences, target, slot), () =>
        done(stateOf(start(target, slot, request), options.now())),
      ),
    perform: (target, slot, request, look) =>
      attempt(callOf('perform', target, slot), inside(fences, target, slot), () =>
        done(followed(start(target, slot, request), { ...look, ...FROM_THE_BEGINNING }, options.now())),
      ),
    follow: (target, slot, request) =>
      attempt(callOf('follow', target, slot), inside(fences, target, slot), () => {
        const job = jobs.get(jobKey(target, slot, request.number))
        return job ? done(followed(job, request, options.now())) : unknownCommand()
      }),
    cancel: (target, slot, number) =>
      attempt(callOf('cancel', target, slot), inside(fences, target, slot), () => {
        const key = jobKey(target, slot, number)
        const job = jobs.get(key) ?? { command: 'never', startedAt: options.now() }
        jobs.set(key, job)
        if (job.command === 'never') return unknownCommand()
        if (!ended(job)) job.cancelledAt = options.now()
        return done({})
      }),
    merge: (target, slot, request) =>
      attempt(callOf('merge', target, slot), inside(fences, target, slot), () =>
        remote.merge(target.name, request),
      ),
    push: (target, slot, request) =>
      attempt(callOf('push', target, slot), inside(fences, target, slot), () =>
        remote.push(target.name, request),
      ),
  }
}

const jobKey = (target: HostTarget, slot: SlotRef, number: number): string =>
  `${target.name}/${slot.slot}/${number}`

const inside = (fences: Fences, target: HostTarget, slot: SlotRef) => (): HostAnswer<object> =>
  fences.requireOpen(target.name, slot)

/** How the job has ended by now, if it has. */
function endOf({ command, startedAt, cancelledAt }: Job, now: number): CommandEnd | undefined {
  if (command === 'never') return { exitCode: null, cause: 'cancelled', startedAt, endedAt: startedAt }
  const endsAt = command === 'hang' ? Infinity : startedAt + (command.milliseconds ?? 0)
  if (cancelledAt !== undefined && cancelledAt < endsAt) {
    return { exitCode: 143, cause: 'cancelled', startedAt, endedAt: cancelledAt }
  }
  if (command === 'hang' || now < endsAt) return undefined
  return { exitCode: command.exitCode, cause: 'exited', startedAt, endedAt: endsAt }
}

function stateOf(job: Job, now: number): CommandState {
  const end = endOf(job, now)
  return end ? { state: 'ended', end } : { state: 'running' }
}

const FROM_THE_BEGINNING = { stdoutOffset: 0, stderrOffset: 0 } as const

function followed(
  job: Job,
  { stdoutOffset, stderrOffset, maxBytes }: Omit<FollowRequest, 'number'>,
  now: number,
): FollowState {
  const whole: { stdout?: string; stderr?: string } = typeof job.command === 'string' ? {} : job.command
  const [out, err] = [said(job, whole.stdout, now), said(job, whole.stderr, now)]
  const stdout = out.slice(stdoutOffset, stdoutOffset + maxBytes)
  const stderr = err.slice(stderrOffset, stderrOffset + maxBytes - stdout.length)
  const seen = { stdout, stderr, stdoutSize: out.length, stderrSize: err.length }
  const state = stateOf(job, now)
  const all = stdoutOffset + stdout.length >= out.length && stderrOffset + stderr.length >= err.length
  // As the script does: the end comes once both streams were returned to their ends, or none was asked for.
  return state.state === 'ended' && (all || maxBytes === 0) ? { ...seen, end: state.end } : seen
}

/** What the job has written by now. */
function said({ command, startedAt, cancelledAt }: Job, text: string | undefined, now: number): Uint8Array {
  const bytes = new TextEncoder().encode(text ?? '')
  if (typeof command === 'string' || command.steady !== true || command.milliseconds === undefined)
    return bytes
  const share = (Math.min(now, cancelledAt ?? now) - startedAt) / command.milliseconds
  return bytes.slice(0, Math.floor(bytes.length * Math.min(1, share)))
}

const unknownCommand = (): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'request',
  code: 'unknown_command',
  detail: 'no such command',
})

const copyName = ({ place, repository }: CheckoutRequest): string => place?.collection ?? repository

const receiptFor = (request: CheckoutRequest): HostAnswer<CheckoutState> =>
  done({
    state: 'done',
    receipt: {
      commit: request.commit,
      tree: request.commit,
      path: `/fake/copies/${copyName(request)}`,
      files: 1,
      fetched: false,
      milliseconds: 0,
    },
  })
