import type {
  CommandEnd,
  CommandState,
  FollowState,
  HostAnswer,
  Hosts,
  Look,
  Opened,
  Probe,
  SlotRef,
  Survey,
} from '../app/ports/hosts.ts'
import type { Fields } from './answer.ts'
import type { CallVerb } from './call.ts'
import { checkoutFields, checkoutOf, diskOf } from './checkout.ts'
import { commandFields } from './command.ts'
import { bytes, directoryName, number, text } from './fields.ts'
import { mergeFields, mergeOf, pushFields, pushOf } from './landing.ts'
import type { Field } from './payload.ts'

/** Room for a kill with its grace periods, and for a slow machine. */
const PATIENCE_MILLISECONDS = 30_000

/** What a way to reach hosts bears; a caller that asks for more gets this much, and asks again. */
export interface Limits {
  /** Of both streams of a command together, in one answer. */
  readonly sliceBytes: number
  /** For which a verb may wait for news. */
  readonly waitSeconds: number
}

const GENEROUS: Limits = { sliceBytes: 4 * 1024 * 1024, waitSeconds: 600 }

/** The port `Hosts` over anything that can call a verb of the host script. */
export function createHosts(call: CallVerb, limits: Limits = GENEROUS): Hosts {
  const patient = (request: { readonly waitSeconds: number }): number =>
    Math.min(request.waitSeconds, limits.waitSeconds)
  const patiently = (look: Look): Look => ({
    maxBytes: Math.min(look.maxBytes, limits.sliceBytes),
    waitSeconds: patient(look),
  })
  return {
    probe: (target) => ask(call, target, 'probe', [], probeOf),
    init: (target, slot) => ask(call, target, 'init', [...fence(slot), ['seen', slot.seen ?? '']], nothing),
    open: (target, slot) => ask(call, target, 'open', fence(slot), openedOf),
    close: (target, slot) => ask(call, target, 'close', fence(slot), nothing),
    checkout: (target, slot, request) =>
      ask(
        call,
        target,
        'checkout',
        [...fence(slot), ...checkoutFields(request, patient(request))],
        (fields) => checkoutOf(fields, request),
        patient(request),
      ),
    tidy: (target, slot, { keep }) =>
      ask(
        call,
        target,
        'tidy',
        [...fence(slot), ...keep.map((name): Field => ['keep', directoryName(name)])],
        surveyOf,
      ),
    run: async (target, slot, command) => {
      const fields = commandFields(command)
      if (typeof fields === 'string') return badPayload(fields)
      return ask(call, target, 'run', [...fence(slot), ...fields], commandOf, 0, command.input)
    },
    perform: async (target, slot, command, look) => {
      const fields = commandFields(command)
      if (typeof fields === 'string') return badPayload(fields)
      const all = [...fence(slot), ...lookFields(patiently(look)), ...fields]
      return ask(call, target, 'perform', all, followOf, patient(look), command.input)
    },
    follow: (target, slot, request) =>
      ask(
        call,
        target,
        'follow',
        [
          ...fence(slot),
          ['number', request.number],
          ['stdout', request.stdoutOffset],
          ['stderr', request.stderrOffset],
          ...lookFields(patiently(request)),
        ],
        followOf,
        patient(request),
      ),
    cancel: (target, slot, number) =>
      ask(call, target, 'cancel', [...fence(slot), ['number', number]], nothing),
    merge: (target, slot, request) =>
      ask(
        call,
        target,
        'merge',
        [...fence(slot), ...mergeFields({ ...request, waitSeconds: patient(request) })],
        mergeOf,
        patient(request),
      ),
    push: (target, slot, request) =>
      ask(
        call,
        target,
        'push',
        [...fence(slot), ...pushFields({ ...request, waitSeconds: patient(request) })],
        pushOf,
        patient(request),
      ),
  }
}

async function ask<T>(
  call: CallVerb,
  target: Parameters<CallVerb>[0],
  verb: Parameters<CallVerb>[1]['verb'],
  fields: readonly Field[],
  read: (fields: Fields) => T,
  waitSeconds = 0,
  input?: Uint8Array,
): Promise<HostAnswer<T>> {
  if (fields.some(([, value]) => String(value).includes('\0'))) return badPayload('a value holds a NUL')
  const timeoutMilliseconds = PATIENCE_MILLISECONDS + waitSeconds * 1000
  const answer = await call(target, { verb, fields, input, timeoutMilliseconds })
  return answer.kind === 'done' ? { kind: 'done', value: read(answer.value) } : answer
}

const badPayload = (detail: string): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'request',
  code: 'bad_payload',
  detail,
})

const fence = (slot: SlotRef): Field[] => [
  ['slot', slot.slot],
  ['nonce', slot.nonce],
  ['epoch', slot.epoch],
]

const lookFields = ({ maxBytes, waitSeconds }: Look): Field[] => [
  ['max', maxBytes],
  ['wait', waitSeconds],
]

const nothing = (): object => ({})

const openedOf = (fields: Fields): Opened => ({ isolation: isolationOf(text(fields, 'isolation')) })

const probeOf = (fields: Fields): Probe => ({
  git: text(fields, 'git').replace(/^git version /, ''),
  bootId: text(fields, 'boot'),
  isolation: isolationOf(text(fields, 'isolation')),
  diskFreeBytes: number(fields, 'free'),
  diskTotalBytes: number(fields, 'total'),
  clock: number(fields, 'clock'),
})

function isolationOf(level: string): Probe['isolation'] {
  if (level !== 'process' && level !== 'user' && level !== 'cgroup') {
    throw new Error(`the host's isolation is no level: ${level}`)
  }
  return level
}

function surveyOf(fields: Fields): Survey {
  const listed = text(fields, 'copies').split(' ').filter(Boolean)
  const copies = listed.map((entry) => {
    const [name = '', bytes = ''] = entry.split(':')
    return bytes === '' ? { name } : { name, bytes: Number(bytes) }
  })
  return { copies, disk: diskOf(fields) }
}

function commandOf(fields: Fields): CommandState {
  return text(fields, 'state') === 'running' ? { state: 'running' } : { state: 'ended', end: endOf(fields) }
}

function followOf(fields: Fields): FollowState {
  const streams = {
    stdout: bytes(fields, 'stdout'),
    stderr: bytes(fields, 'stderr'),
    stdoutSize: number(fields, 'outsize'),
    stderrSize: number(fields, 'errsize'),
  }
  return fields.has('cause') ? { ...streams, end: endOf(fields) } : streams
}

function endOf(fields: Fields): CommandEnd {
  const cause = text(fields, 'cause')
  if (cause !== 'exited' && cause !== 'timeout' && cause !== 'cancelled' && cause !== 'lost') {
    throw new Error(`a command's end has no cause: ${cause}`)
  }
  return {
    exitCode: fields.get('code') === '-' ? null : number(fields, 'code'),
    cause,
    startedAt: number(fields, 'began'),
    endedAt: number(fields, 'ended'),
  }
}
