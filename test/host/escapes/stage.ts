import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotRef } from '../../../lib/app/ports/hosts.ts'
import { checkout, checkoutRequest } from '../../support/hosts/checkouts.ts'
import { startCommand } from '../../support/hosts/commands.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'
import { createRepository } from '../../support/hosts/repositories.ts'
import type { Attempt, Trace } from './attempts.ts'
import { anyLiving, contentsOf, filesOf, isHeld, memoryOf } from './traces.ts'

/** Another lease on the same host that is in the midst of its work and has secrets. */
export interface Victim {
  readonly secret: string
  readonly directory: string
  readonly pid: number
  readonly blob: string
}

const SECRET_NAME = 'TOKEN_OF_ANOTHER'

export async function placeVictim(host: OpenHosts): Promise<Victim> {
  const secret = `secret-${randomUUID()}`
  const repository = createRepository()
  const commit = repository.commit({ file: secret })
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, commit), repository: 'secret' }
  valueOf(await checkout(host, slot, request))
  const directory = join(host.target.directory, 'slots', String(slot.slot))
  writeFileSync(join(directory, 'lease/1/scratch/notes'), secret)
  await startCommand(host, slot, {
    argv: ['sh', '-c', 'echo $$; exec sleep 600'],
    environment: { [SECRET_NAME]: secret },
    timeoutSeconds: 600,
  })
  const pid = Number(await firstLine(host, slot))
  const blob = repository.git('rev-parse', 'HEAD:file')
  repository.close()
  return { secret, directory, pid, blob }
}

/** Does the attempt in a slot of its own, closes the slot, and tells what the attempt left or reached. */
export async function judge(host: OpenHosts, victim: Victim, attempt: Attempt, tag: string): Promise<string> {
  const at = await freshSlot(host)
  const slot = at(1)
  valueOf(await host.hosts.open(host.target, slot))
  const directory = join(host.target.directory, 'slots', String(slot.slot))
  const user = userOf(directory)
  const before = belongings(host, victim, directory)
  const held = heldFile(host, tag)
  writeFileSync(held, '')
  chmodSync(held, 0o666)
  await startCommand(host, slot, { argv: ['sh', '-c', scriptOf(host, victim, attempt, slot, tag)] })
  const said = await firstLine(host, slot)
  const after = belongings(host, victim, directory)

  const closed = await host.hosts.close(host.target, slot)

  const left: Trace[] = []
  if (anyLiving(tag, user) || isHeld(heldFile(host, tag))) left.push('alive')
  if (filesOf(tag).length > 0) left.push('files')
  if (memoryOf(tag).length > 0) left.push('memory')
  for (const [what, contents] of Object.entries(after)) {
    if (contents !== before[what as keyof typeof before]) left.push(what as Trace)
  }
  if (said.includes(victim.secret)) left.push('secret')
  // A slot that is not confirmed empty would be no answer either; a state that was spoilt is told as such.
  const honest = closed.kind === 'done' || left.includes('state')
  return [...(honest ? [] : [`not closed: ${JSON.stringify(closed)}`]), ...left.toSorted()].join(', ')
}

/** A file that everything which comes of an attempt holds a lock on, however short each of them lives. */
const heldFile = ({ target }: OpenHosts, tag: string): string => join(target.directory, `held-${tag}`)

function scriptOf(host: OpenHosts, victim: Victim, attempt: Attempt, slot: SlotRef, tag: string): string {
  const words: Record<string, string> = {
    secretName: SECRET_NAME,
    root: host.target.directory,
    other: victim.directory,
    victim: String(victim.pid),
    slot: String(slot.slot),
    blob: victim.blob,
    tag,
  }
  const hold = `exec 8<>${heldFile(host, tag)}; flock -n 8; `
  return (hold + attempt.script).replaceAll(
    /\$(secretName|root|other|victim|slot|blob|tag)\b/g,
    (_, word: string) => words[word] ?? '',
  )
}

/** The number by which the host knows the slot's user, where it has one. */
function userOf(directory: string): string | undefined {
  const level = join(directory, 'level')
  return existsSync(level) ? readFileSync(level, 'utf8').split(' ')[2] : undefined
}

/** What a job must not change. */
function belongings(host: OpenHosts, victim: Victim, directory: string) {
  const root = host.target.directory
  return {
    state: [directory, victim.directory].map(stateOf).join(),
    script: contentsOf(join(root, 'bin')),
    mirror: contentsOf(join(root, 'mirrors')),
    'other slot': `${contentsOf(join(victim.directory, 'lease/1'))} ${existsSync(`/proc/${victim.pid}/cwd/.`)}`,
  }
}

/** Nothing, while an attempt has the slot's directory elsewhere. */
function stateOf(directory: string): string {
  const state = join(directory, 'state')
  return existsSync(state) ? readFileSync(state, 'latin1') : ''
}

/** All that the command said until it was ready, or ended. */
async function firstLine(host: OpenHosts, slot: SlotRef): Promise<string> {
  let said = ''
  for (;;) {
    const request = {
      number: 1,
      stdoutOffset: said.length,
      stderrOffset: 1_000_000,
      maxBytes: 100_000,
      waitSeconds: 10,
    }
    const answer = await host.hosts.follow(host.target, slot, request)
    if (answer.kind !== 'done') return said // its own state is what it spoilt
    const news = answer.value
    said += Buffer.from(news.stdout).toString('latin1')
    if (news.end || /\d\n$|ready\n$/.test(said)) return said
  }
}
