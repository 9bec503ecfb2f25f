import { createHash } from 'node:crypto'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import type { CreatedLease } from '../../../lib/app/leases/create-lease.ts'
import { createLease } from '../../../lib/app/leases/create-lease.ts'
import type { HolderOutcome } from '../../../lib/app/leases/release-lease.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { renewLease } from '../../../lib/app/leases/renew-lease.ts'
import { readableLease } from '../../../lib/app/leases/find-lease.ts'
import { viewLease } from '../../../lib/app/leases/view-lease.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import type { Result } from '../../../lib/domain/refusals.ts'
import type { Random } from '../kernel/random.ts'
import type { Simulation } from '../simulation.ts'
import type { Wish } from './behaviour.ts'
import type { Statuses } from './statuses.ts'

/** What clients came to, counted. */
export type Tally = Record<string, number>

export interface ClientOptions {
  readonly simulation: Simulation
  readonly random: Random
  readonly statuses: Statuses
  readonly tally: Tally
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** One job of a CI: asks for a lease, waits for it, does something with it, and gives it back or does not. */
export async function runClient(options: ClientOptions, wish: Wish, name: string): Promise<void> {
  const { simulation, random, statuses, tally } = options
  const { kernel } = simulation
  const count = (what: string) => {
    tally[what] = (tally[what] ?? 0) + 1
  }
  const pause = (least: number, most: number) => kernel.sleep(random.between(least, most))

  /** Sends a request again for as long as it comes to nothing, as the client library does. */
  async function insist<T>(work: (ports: Ports) => Promise<Result<T>>): Promise<Result<T> | undefined> {
    for (let attempt = 0; attempt < 6; attempt++) {
      const ran = await simulation.request(work)
      if (ran.ok) return ran.value
      count('requests that failed')
      await pause(200, 1_000 * 2 ** attempt)
    }
    count('requests given up')
    return undefined
  }

  const created = await ask()
  if (!created) return
  const { leaseId } = created
  const caller: Caller = { principal: `lease/${leaseId}`, tenant: wish.tenant, scopes: [], lease: leaseId }
  const release = (outcome: HolderOutcome) => insist((ports) => releaseLease(ports, caller, leaseId, outcome))

  if (wish.behaviour === 'cancel while waiting') {
    await pause(0, wish.wait)
    await release('ok')
    return
  }
  if (random.chance(0.2)) await look()
  if ((await statuses.usable(leaseId)) !== 'active') return
  // A client that polls learns of it a little later.
  await pause(50, 2_000)
  count('leases used')
  await use()

  /** Asks once, or some times at once and again, always with the same key; the answers must name one lease. */
  async function ask(): Promise<CreatedLease | undefined> {
    const { tenant, blueprint, priority, ttl, wait, keepFor, behaviour, repository, commit, pools } = wish
    const principal: Caller = { principal: `api-token/${tenant}`, tenant, scopes: ['lease'] }
    const demand = {
      blueprint,
      priority,
      durations: { ttl, wait, ...(behaviour === 'fail and look' ? { keepFor } : {}) },
      ...(pools === undefined ? {} : { pools }),
      ...(repository === undefined ? {} : { repository }),
      ...(commit === undefined ? {} : { commit }),
    }
    const key = { hash: hash(name), requestHash: hash(JSON.stringify(demand)) }
    const once = async (): Promise<Result<CreatedLease> | undefined> => {
      await pause(0, 300)
      return insist((ports) => createLease(ports, principal, demand, key))
    }
    const answers = await Promise.all(Array.from({ length: wish.copies }, once))
    if (random.chance(0.2)) answers.push(await once())
    const made = answers.flatMap((answer) => (answer?.ok === true ? [answer.value] : []))
    if (new Set(made.map(({ leaseId: id, token }) => `${id} ${token}`)).size > 1)
      simulation.report(`one key made several leases: ${made.map(({ leaseId: id }) => id).join(', ')}`)
    for (const answer of answers) if (answer?.ok === false) count(`refused: ${answer.refusal.refused}`)
    if (made[0]) count('leases made')
    return made[0]
  }

  async function look(): Promise<void> {
    await simulation.request(async (ports) => {
      const found = await readableLease(ports, caller, leaseId)
      return found.ok ? viewLease(ports, found.value) : undefined
    })
  }

  async function use(): Promise<void> {
    const { behaviour, hold } = wish
    switch (behaviour) {
      case 'hold and release':
        await kernel.sleep(hold)
        await release('ok')
        return
      case 'renew and hold longer':
        for (let renewal = 0; renewal < random.between(1, 4); renewal++) {
          await kernel.sleep(Math.floor(wish.ttl / random.between(2, 4)))
          const ttl = random.chance(0.3) ? Math.floor(wish.ttl / 2) : undefined
          const renewed = await insist((ports) => renewLease(ports, caller, leaseId, ttl))
          if (renewed?.ok === true) count('renewals')
        }
        await release('ok')
        return
      case 'run a command':
        await command(hold)
        await kernel.sleep(random.between(0, hold))
        await release('ok')
        return
      case 'forget':
        if (random.chance(0.5)) await command(1_000 * 3_600)
        return
      case 'release twice':
        await kernel.sleep(hold)
        await Promise.all([release('ok'), release('ok')])
        return
      case 'suspect its host':
        await kernel.sleep(hold)
        await release('host_suspect')
        return
      case 'fail and look':
        await kernel.sleep(hold)
        await failAndLook()
        return
      case 'cancel while waiting':
    }
  }

  /** The same words sent again, because an answer was lost, change nothing: only other ones end the look. */
  async function failAndLook(): Promise<void> {
    const failed = await release('failed')
    if (failed?.ok !== true) return
    const { value: lease } = failed
    if (lease.status === 'kept') count('leases kept')
    else if ('reason' in lease && lease.reason === 'released')
      simulation.report(`lease ${leaseId} was to be kept, and was ended by the request that said so`)
    if (random.chance(0.5)) return
    await kernel.sleep(random.between(0, wish.keepFor))
    await release('ok')
  }

  /** Starts a command that runs for so long. */
  async function command(milliseconds: number): Promise<void> {
    const demand = {
      argv: ['sleep', String(milliseconds)],
      environment: {},
      directory: '.',
    }
    const key = { hash: hash(`${name} command`), requestHash: hash(JSON.stringify(demand)) }
    const ran = await insist((ports) => runCommand(ports, caller, leaseId, demand, key))
    if (ran?.ok === true) count('commands')
  }
}
