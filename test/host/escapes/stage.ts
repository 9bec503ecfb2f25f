import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlotRef } from '../../../lib/app/ports/hosts.ts'
import { checkout, checkoutRequest } from '../../support/hosts/checkouts.ts'
import { startCommand } from '../../support/hosts/commands.ts'
import { freshSlot, openSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'
import { createRepository } from '../../support/hosts/repositories.ts'
import { type Attempt, shownTraces } from './declared.ts'
import { removeScripts, SECRET_NAME, SECRET_REPOSITORY, setScene, type Victim } from './scene.ts'

export async function placeVictim(host: OpenHosts): Promise<Victim> {
  const secret = `secret-${randomUUID()}`
  const repository = createRepository()
  const commit = repository.commit({ file: secret })
  const slot = await openSlot(host)
  const request = { ...checkoutRequest(repository, commit), repository: SECRET_REPOSITORY }
  valueOf(await checkout(host, slot, request))
  const directory = join(host.target.directory, 'slots', String(slot.slot))
  const lease = join(directory, 'lease/1')
  writeFileSync(join(lease, 'scratch/notes'), secret)
  await startCommand(host, slot, {
    argv: ['sh', '-c', 'echo $$; exec sleep 600'],
    environment: { [SECRET_NAME]: secret },
    timeoutSeconds: 600,
  })
  const pid = Number(await firstLine(host, slot))
  const blob = repository.git('rev-parse', 'HEAD:file')
  repository.close()
  return { secret, directory, lease, pid, blob }
}

/** Does the attempt in a slot of its own, closes the slot, and tells what the attempt left or reached. The host is fit for another one then. */
export async function judge(host: OpenHosts, victim: Victim, attempt: Attempt, tag: string): Promise<string> {
  const at = await freshSlot(host)
  const slot = at(1)
  valueOf(await host.hosts.open(host.target, slot))
  const scene = setScene(host.target.directory, slot.slot, victim, attempt, tag)
  await startCommand(host, slot, { argv: ['sh', '-c', scene.script] })
  const said = await firstLine(host, slot)
  scene.look()

  const closed = await host.hosts.close(host.target, slot)

  const left = [...scene.traces(said)]
  if (left.includes('script')) removeScripts(host.target.directory)
  if (closed.kind === 'failed' && closed.code === 'script_changed') {
    left.push('script_changed')
    valueOf(await host.hosts.close(host.target, slot))
    return shownTraces(left)
  }
  // A slot that is not confirmed empty would be no answer either; a state that was spoilt is told as such.
  const honest = closed.kind === 'done' || left.includes('state')
  return [...(honest ? [] : [`not closed: ${JSON.stringify(closed)}`]), shownTraces(left)].join(', ')
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
