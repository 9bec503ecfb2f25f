import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease } from '../../../lib/contract/lease.ts'
import { eventually } from '../../features/support/observe.ts'
import { attempts } from '../../host/escapes/attempts.ts'
import type { Attempt } from '../../host/escapes/declared.ts'
import { SECRET_NAME, SECRET_REPOSITORY, setScene, type Victim } from '../../host/escapes/scene.ts'
import { sweepUp } from '../../host/escapes/traces.ts'
import { copiesOn, type Fleet, openFleet } from '../../support/fleet/fleet.ts'
import { leaseOf, startUntil } from '../../support/fleet/jobs.ts'
import { createRepository } from '../../support/hosts/repositories.ts'

export const LEVELS = ['process', 'user', 'cgroup'] as const
export type Level = (typeof LEVELS)[number]

/** What became of one attempt at one level. */
export interface Escape {
  readonly attempt: Attempt
  readonly level: Level
  /** What it left or reached. */
  readonly traces: string
  /** What the slot was once the lease was destroyed. */
  readonly slot: string
}

/** Numbers that no other test uses as tags. */
let tags = 710_000_000

/** Each attempt through a lease of its own, on a host of each level at the same time. */
export async function tryEscapes(
  levels: readonly Level[],
  tried: readonly Attempt[] = attempts,
): Promise<readonly Escape[]> {
  const secret = `secret-${randomUUID()}`
  const repository = createRepository()
  repository.commit({ file: secret })
  const fleet = await openFleet({
    repository: repository.directory,
    repositoryName: SECRET_REPOSITORY,
    hosts: levels.map((level) => ({ name: `${level}-host`, pool: level, slots: 2, isolation: level })),
  })
  try {
    const blob = repository.git('rev-parse', 'HEAD:file')
    const found = await Promise.all(levels.map(async (level) => tryAt(fleet, level, { secret, blob }, tried)))
    return found.flat()
  } finally {
    await fleet.close()
    repository.close()
  }
}

async function tryAt(
  fleet: Fleet,
  level: Level,
  known: Pick<Victim, 'secret' | 'blob'>,
  tried: readonly Attempt[],
): Promise<readonly Escape[]> {
  const victim = await placeVictim(fleet, level, known)
  const found: Escape[] = []
  for (const attempt of tried) {
    if (level === 'process' && attempt.usersOnly) continue
    tags += 1
    const tag = String(tags)
    const one = await tryOnce(fleet, level, victim, attempt, tag)
    sweepUp(tag)
    found.push({ attempt, level, ...one })
  }
  return found
}

/** A lease of a working copy of the secret that stays until the end. */
async function placeVictim(
  fleet: Fleet,
  level: Level,
  known: Pick<Victim, 'secret' | 'blob'>,
): Promise<Victim> {
  const held = await leaseOf(fleet.client, {
    blueprint: copiesOn(level),
    repository: SECRET_REPOSITORY,
    ttlSeconds: 3_600,
  })
  const directory = placeOf(fleet, held.lease)
  const [epoch = ''] = readdirSync(join(directory, 'lease'))
  const lease = join(directory, 'lease', epoch)
  writeFileSync(join(lease, 'scratch/notes'), known.secret)
  const body = {
    argv: ['sh', '-c', 'echo $$; exec sleep 6000'],
    environment: { [SECRET_NAME]: known.secret },
    timeoutSeconds: 3_000,
  }
  const { number } = await fleet.client.runCommand({ id: held.id, body }, held)
  const output = async () => fleet.client.commandOutput({ id: held.id, number, wait: 5 }, held)
  let pid = 0
  await eventually('the victim works', async () => {
    const { chunks } = await output()
    pid = Number(Buffer.from(chunks[0]?.base64 ?? '', 'base64').toString())
    return pid > 0
  })
  return { ...known, directory, lease, pid }
}

async function tryOnce(
  fleet: Fleet,
  level: Level,
  victim: Victim,
  attempt: Attempt,
  tag: string,
): Promise<Pick<Escape, 'traces' | 'slot'>> {
  const held = await leaseOf(fleet.client, { blueprint: level })
  const { host = '', number = 0 } = held.lease.slot ?? {}
  const scene = setScene(fleet.host(host).directory, number, victim, attempt, tag)
  const { said } = await startUntil(fleet.client, held, ['sh', '-c', scene.script], 'ready')
  scene.look()
  await fleet.client.releaseLease({ id: held.id, body: {} }, held)
  const over = async () => (await fleet.client.getLease({ id: held.id })).status === 'destroyed'
  await eventually('the lease is over', over, 60_000)
  const slot = await stateOf(fleet, level, number)
  const traces = scene.traces(said).join(', ')
  await eventually(
    'the slot is free again',
    async () => (await stateOf(fleet, level, number)) === 'free',
    90_000,
  )
  return { traces, slot }
}

const placeOf = (fleet: Fleet, { slot }: Lease): string =>
  join(fleet.host(slot?.host ?? '').directory, 'slots', String(slot?.number))

async function stateOf({ client }: Fleet, pool: string, number: number): Promise<string> {
  const { hosts } = await client.getPool({ name: pool })
  return hosts[0]?.slots.find((slot) => slot.number === number)?.state ?? 'unknown'
}
