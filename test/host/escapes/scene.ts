import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attempt, Trace } from './declared.ts'
import { anyLiving, contentsOf, filesOf, isHeld, memoryOf } from './traces.ts'

/** Another lease on the same host that is in the midst of its work and has secrets. */
export interface Victim {
  readonly secret: string
  /** Of its slot, and of its lease in it. */
  readonly directory: string
  readonly lease: string
  readonly pid: number
  readonly blob: string
}

/** The variable in which the victim's command has its secret. */
export const SECRET_NAME = 'TOKEN_OF_ANOTHER'
/** The repository of which the victim has a working copy, with the secret in `file`. */
export const SECRET_REPOSITORY = 'secret'

/** An attempt that is about to be made in a slot of the host that keeps everything in `root`. */
export interface Scene {
  /** What the job has to do. */
  readonly script: string
  /** What it has left or reached, once its lease is over and it has said that much. */
  traces(said: string): readonly Trace[]
  /** Looks at what no job may change: to be called when the job is done and its slot not yet closed. */
  look(): void
}

export function setScene(root: string, slot: number, victim: Victim, attempt: Attempt, tag: string): Scene {
  const directory = join(root, 'slots', String(slot))
  const held = join(root, `held-${tag}`)
  writeFileSync(held, '')
  chmodSync(held, 0o666)
  const user = userOf(directory)
  const before = belongings(root, victim, directory)
  let after = before
  return {
    script: `exec 8<>${held}; flock -n 8; ${worded(attempt, { root, slot, victim, tag })}`,
    look: () => {
      after = belongings(root, victim, directory)
    },
    traces: (said) => {
      const left: Trace[] = []
      // Everything that comes of an attempt holds the lock, however short each of them lives.
      if (anyLiving(tag, user) || isHeld(held)) left.push('alive')
      if (filesOf(tag).length > 0) left.push('files')
      if (memoryOf(tag).length > 0) left.push('memory')
      for (const [what, contents] of Object.entries(after)) {
        if (contents !== before[what as keyof typeof before]) left.push(what as Trace)
      }
      if (said.includes(victim.secret)) left.push('secret')
      return left
    },
  }
}

function worded(
  { script }: Attempt,
  scene: { readonly root: string; readonly slot: number; readonly victim: Victim; readonly tag: string },
): string {
  const { root, slot, victim, tag } = scene
  const words: Readonly<Record<string, string>> = {
    secretName: SECRET_NAME,
    root,
    other: victim.directory,
    otherLease: victim.lease,
    victim: String(victim.pid),
    slot: String(slot),
    blob: victim.blob,
    tag,
  }
  return script.replaceAll(
    /\$(secretName|root|otherLease|other|victim|slot|blob|tag)\b/g,
    (_, word: string) => words[word] ?? '',
  )
}

/** The number by which the host knows the slot's user, where it has one. */
function userOf(directory: string): string | undefined {
  const level = join(directory, 'level')
  return existsSync(level) ? readFileSync(level, 'utf8').split(' ')[2] : undefined
}

/** What a host's operator does about `script_changed`: what is not there is put there again. */
export const removeScripts = (root: string): void => rmSync(join(root, 'bin'), { recursive: true })

/** What a job must not change. */
function belongings(root: string, victim: Victim, directory: string) {
  return {
    state: [directory, victim.directory].map(stateOf).join(),
    script: contentsOf(join(root, 'bin')),
    mirror: contentsOf(join(root, 'mirrors')),
    'other slot': `${contentsOf(victim.lease)} ${existsSync(`/proc/${victim.pid}/cwd/.`)}`,
  }
}

/** Nothing, while an attempt has the slot's directory elsewhere. */
function stateOf(directory: string): string {
  const state = join(directory, 'state')
  return existsSync(state) ? readFileSync(state, 'latin1') : ''
}
