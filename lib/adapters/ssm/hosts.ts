import type { HostAnswer, Hosts, TargetOver } from '../../app/ports/hosts.ts'
import { HOST_DOCUMENT } from '../../contract/host-document.ts'
import { type Fields, parseAnswer } from '../../host/answer.ts'
import { isPlainDirectory, type VerbCall } from '../../host/call.ts'
import { encodePayload } from '../../host/payload.ts'
import { type HostScript, loadHostScript } from '../../host/script.ts'
import { createHosts } from '../../host/verbs.ts'
import { deliver, type Means } from './deliver.ts'
import { type Message, payloadsOf } from './message.ts'
import { type Output, unreachable } from './result.ts'

type Target = TargetOver<'ssm'>
/** What the document says instead of the host script. */
type Refusal = { readonly word: string; readonly detail: string }

/**
 * An answer holds 24,000 characters, base64 among them, and a verb that waits keeps one of the five workers that an
 * agent has for all its commands.
 */
const LIMITS = { sliceBytes: 17_000, waitSeconds: 5 }
const SHIP_MILLISECONDS = 30_000
/** An agent has five workers. */
const PARTS_AT_ONCE = 3
const TRIES = 3

export interface SsmHostsOptions extends Omit<Means, 'firstLookMilliseconds'> {
  /** Something that nothing else is named by. */
  readonly opaque: () => string
  /** Default 200. */
  readonly firstLookMilliseconds?: number
  /** Default: the script in `lib/host/script`, or beside the bundle. */
  readonly script?: HostScript
}

/** Hosts over Systems Manager's Run Command: nothing has to be open towards them. */
export function createSsmHosts(options: SsmHostsOptions): Hosts {
  const script = options.script ?? loadHostScript()
  const means: Means = { firstLookMilliseconds: 200, ...options }
  return createHosts(async (target, call) => {
    if (target.transport !== 'ssm') throw new Error(`host ${target.name} is not reached over Systems Manager`)
    if (!isPlainDirectory(target.directory)) {
      return scriptFailed(`the directory of host ${target.name} has characters that are not supported`)
    }
    return callVerb({ means, opaque: options.opaque, script }, target, call)
  }, LIMITS)
}

interface Caller {
  readonly means: Means
  readonly opaque: () => string
  readonly script: HostScript
}

/** The document refuses where the script is not there yet, or where parts of a message are not there any more. */
async function callVerb(caller: Caller, target: Target, call: VerbCall): Promise<HostAnswer<Fields>> {
  const body = encodePayload(call.fields, call.input)
  let refusal: Refusal | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    const said = await ask(caller, target, { task: call.verb, body }, call.timeoutMilliseconds)
    if (said.kind !== 'done') return said
    refusal = refusalIn(said.value)
    if (!refusal) return parseAnswer(said.value.stdout) ?? noAnswer(call.verb, said.value)
    if (refusal.word === 'script') {
      const shipped = await ship(caller, target)
      if (shipped.kind !== 'done') return shipped
    } else if (refusal.word !== 'parts') break
  }
  return refused(caller, call.verb, refusal)
}

/** Its document takes no other script than the one it was made for. */
async function ship(caller: Caller, target: Target): Promise<HostAnswer<object>> {
  const said = await ask(caller, target, { task: 'install', body: caller.script.text }, SHIP_MILLISECONDS)
  if (said.kind !== 'done') return said
  const refusal = refusalIn(said.value)
  if (!refusal) return noAnswer('install', said.value)
  return refusal.word === 'installed' || refusal.word === 'parts' ? said : refused(caller, 'install', refusal)
}

/** Sends the parts of a message, then the one that makes the host act, and returns what that one said. */
async function ask(
  { means, opaque }: Caller,
  { instance, directory }: Target,
  { task, body }: Pick<Message, 'task' | 'body'>,
  milliseconds: number,
): Promise<HostAnswer<Output>> {
  const now = means.clock.now()
  const deadline = now + milliseconds
  const notAfter = Math.ceil(Math.min(deadline, now + HOST_DOCUMENT.deliverySeconds * 1_000) / 1_000)
  const [parts, last] = payloadsOf({ directory, id: opaque(), notAfter, task, body })
  for (let start = 0; start < parts.length; start += PARTS_AT_ONCE) {
    const some = parts.slice(start, start + PARTS_AT_ONCE)
    const stored = await Promise.all(some.map((payload) => deliver(means, { instance, payload, deadline })))
    const trouble = stored.find((each) => each.kind !== 'done' || refusalIn(each.value)?.word !== 'stored')
    if (trouble) return trouble
  }
  return deliver(means, { instance, payload: last, deadline })
}

function refusalIn({ stdout }: Output): Refusal | undefined {
  const [, word, detail = ''] = /^document ([a-z]+) ?(.*)\nend(?:\n|$)/.exec(stdout) ?? []
  return word === undefined ? undefined : { word, detail }
}

function refused({ means }: Caller, task: string, refusal: Refusal | undefined): HostAnswer<never> {
  const { word = '', detail = '' } = refusal ?? {}
  if (word !== 'late') return scriptFailed(`the host's document refused ${task}: ${word} ${detail}`.trimEnd())
  // It came in time by our clock, or nobody would have waited for it.
  const ahead = Number(detail) - Math.round(means.clock.now() / 1_000)
  return unreachable(`the host refused a call as late; its clock is ${ahead} s ahead of ours`)
}

/** The end of an answer is marked: without the mark it was cut, or the script did not come to its end. */
function noAnswer(task: string, { exitCode, stdout, stderr }: Output): HostAnswer<never> {
  if (stderr.includes('No space left on device')) {
    return { kind: 'failed', fault: 'host', code: 'disk_full', detail: stderr.slice(-1_000) }
  }
  const saw = stdout === '' ? 'no answer' : `${stdout.length} characters of an answer without its end`
  return scriptFailed(`${task} exited with ${exitCode} and left ${saw}: ${stderr.slice(-1_000)}`)
}

const scriptFailed = (detail: string): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'host',
  code: 'script_failed',
  detail,
})
