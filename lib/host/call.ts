import type { HostAnswer, HostTarget } from '../app/ports/hosts.ts'
import { type Fields, parseAnswer } from './answer.ts'
import type { HostChannel } from './channel.ts'
import { encodePayload, type Field } from './payload.ts'
import type { HostScript } from './script.ts'

export type Verb =
  | 'probe'
  | 'init'
  | 'open'
  | 'close'
  | 'checkout'
  | 'tidy'
  | 'run'
  | 'perform'
  | 'follow'
  | 'cancel'
  | 'merge'
  | 'push'

export interface VerbCall {
  readonly verb: Verb
  readonly fields: readonly Field[]
  /** Follows the payload, in base64. */
  readonly input?: Uint8Array | undefined
  /** How long the host may take before it is considered gone. */
  readonly timeoutMilliseconds: number
}

export type CallVerb = (target: HostTarget, call: VerbCall) => Promise<HostAnswer<Fields>>

/** Exit code by which a host says that it does not have this version of the script. */
const SCRIPT_MISSING = 96
/** And that what lies under its name is something else. */
const SCRIPT_CHANGED = 95
/** Follow a verb that has looked, and must not take longer than they have to. */
const UNCHECKED: readonly Verb[] = ['run', 'perform', 'follow', 'cancel']
const SHIP_TIMEOUT_MILLISECONDS = 20_000
const PLAIN = /^[A-Za-z0-9_./+@:,=%-]+$/

/** Whether a host's directory may stand where a shell or a payload's header reads it. */
export const isPlainDirectory = (directory: string): boolean =>
  PLAIN.test(directory) && !directory.startsWith('-')

/** Calls one verb of the host script, and ships the script first where it is missing. */
export function createVerbCaller(channel: HostChannel, script: HostScript): CallVerb {
  return async (target, call) => {
    if (!isPlainDirectory(target.directory)) {
      return scriptFailed(`the directory of host ${target.name} has characters that are not supported`)
    }
    const path = `${target.directory}/bin/host-${script.sha256}.sh`
    const check = UNCHECKED.includes(call.verb)
      ? ''
      : `echo '${script.sha256}  ${path}' | sha256sum -c --status - || exit ${SCRIPT_CHANGED}; `
    const command = {
      command: `[ -f '${path}' ] || exit ${SCRIPT_MISSING}; ${check}exec sh '${path}' ${call.verb}`,
      stdin: encodePayload(call.fields, call.input),
      timeoutMilliseconds: call.timeoutMilliseconds,
    }
    let result = await channel.execute(target, command)
    if (result.kind === 'done' && result.value.exitCode === SCRIPT_MISSING) {
      const shipped = await ship(channel, target, script, path)
      if (shipped.kind !== 'done') return shipped
      result = await channel.execute(target, command)
    }
    if (result.kind !== 'done') return result
    if (result.value.exitCode === SCRIPT_CHANGED) return scriptChanged(target, path)
    return (
      parseAnswer(result.value.stdout) ??
      scriptFailed(`${call.verb} exited with ${result.value.exitCode}: ${result.value.stderr.slice(-1000)}`)
    )
  }
}

/** Writes beside and renames: a script that was cut short never gets the name by which it is called. */
async function ship(
  channel: HostChannel,
  target: HostTarget,
  script: HostScript,
  path: string,
): Promise<HostAnswer<object>> {
  const command = [
    'umask 077',
    `mkdir -p '${target.directory}/bin'`,
    `cat >'${path}.'$$`,
    `echo '${script.sha256}  ${path}.'$$ | sha256sum -c --quiet -`,
    `mv -f '${path}.'$$ '${path}'`,
  ].join(' && ')
  const result = await channel.execute(target, {
    command: `exec sh -c '${command.replaceAll("'", `'\\''`)}'`,
    stdin: script.text,
    timeoutMilliseconds: SHIP_TIMEOUT_MILLISECONDS,
  })
  if (result.kind !== 'done' || result.value.exitCode === 0) return result
  const said = result.value.stderr.slice(-1000)
  if (!said.includes('No space left on device'))
    return scriptFailed(`the script could not be put there: ${said}`)
  return { kind: 'failed', fault: 'host', code: 'disk_full', detail: said }
}

/** It is not put right by itself: somebody had the host's files in their hands. */
function scriptChanged({ name }: HostTarget, path: string): HostAnswer<never> {
  const detail = `${path} on host ${name} is not what was put there, or sha256sum could not read it`
  return { kind: 'failed', fault: 'host', code: 'script_changed', detail }
}

function scriptFailed(detail: string): HostAnswer<never> {
  return { kind: 'failed', fault: 'host', code: 'script_failed', detail }
}
