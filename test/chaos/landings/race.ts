import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WORKING_COPIES } from '../../../infra/local/trial/catalogue.ts'
import { createClient } from '../../../lib/client/api.ts'
import type { Client } from '../../../lib/client/api.ts'
import type { Landing, LandingRequest } from '../../../lib/contract/landing.ts'
import { wholeTable } from '../../features/support/table.ts'
import { seededFraction } from '../../support/seeded.ts'
import { insist } from '../clients/insist.ts'
import type { Killer } from '../kills/killer.ts'
import { executionsOf, runningExecutions } from '../kills/executions.ts'
import type { Executions } from '../kills/executions.ts'
import { startRepairs } from '../repairs.ts'
import type { RunningStack } from '../stack.ts'
import { createLandingForge } from './forge.ts'
import type { LandingForge } from './forge.ts'

export interface LandingRaceOptions {
  readonly seed: number
  readonly landings: number
  /** One change in so many writes the same line as others. */
  readonly clashEvery: number
  /** For the repository, and for what holds the first landing up. Readable by everybody. */
  readonly directory: string
  readonly sweepEvery: number
}

export interface LandingRace {
  readonly forge: LandingForge
  /** All that were asked for, in the order of their places in the queue. */
  readonly landings: readonly Landing[]
  /** The one that had the turn while the others came. */
  readonly blocker: Landing
  readonly replays: number
  readonly seconds: number
  readonly killed: Readonly<Record<string, number>>
  readonly executions: Executions
}

const REPOSITORY = 'forge'
/** Milliseconds after which a landing is given up as stuck. */
const PATIENCE = 1_800_000
/** And then leases that are still being cleaned up after. */
const REST = 120_000

/**
 * Landings of so many branches onto one, all asked for at once while the first of them has its turn, by clients that
 * repeat themselves, while processes of functions die.
 */
export async function landingRace(
  stack: RunningStack,
  killer: Killer,
  options: LandingRaceOptions,
): Promise<LandingRace> {
  const random = seededFraction(options.seed)
  const forge = createLandingForge(options.directory, options.landings + 1, options.clashEvery)
  const client = createClient({ url: stack.url, token: stack.token })
  const config = await client.getConfig()
  const landing = { branches: ['main'], allow: ['*'] }
  const repository = { url: forge.url, defaultBranch: 'main', allowFile: true, landing }
  const repositories = { ...config.repositories, [REPOSITORY]: repository }
  await client.applyConfig({ body: { ...config, repositories } })

  const began = Date.now()
  const patience = { random, until: began + PATIENCE, onFailed: () => undefined }
  const gate = join(options.directory, 'gate')
  const wait = `until [ -e '${gate}' ]; do sleep 0.1; done`
  const verify = [{ name: 'gate', script: wait, timeoutSeconds: 3_600 }]
  const [first = '', ...sources] = forge.sources
  const ask = (source: string, more: Partial<LandingRequest> = {}) => {
    const body = { repository: REPOSITORY, branch: 'main', source, blueprint: WORKING_COPIES, ...more }
    const idempotencyKey = `land-${options.seed}-${source}`
    return insist(async () => client.createLanding({ body }, { idempotencyKey, retries: 0 }), patience)
  }

  const { id } = await ask(first, { verify })
  await until(client, id, (one) => one.status === 'verifying')
  const repairing = startRepairs(() => stack, { sweepEvery: options.sweepEvery, lateAfter: undefined })
  killer.begin(stack.endpoints['dynamodb'] ?? '')
  let replays = 0
  const ids = await Promise.all(
    sources.map(async (source) => {
      const asked = await ask(source)
      if (random() > 0.3) return asked.id
      replays += 1
      return (await ask(source)).id
    }),
  )
  writeFileSync(gate, '')
  const over = (one: Landing) => one.status === 'ended'
  const blocker = await until(client, id, over)
  const ended = await Promise.all(ids.map(async (one) => until(client, one, over)))
  const seconds = (Date.now() - began) / 1_000
  const killed = await killer.end()
  await repairing.end()
  await rest(stack)
  const table = await wholeTable(stack)
  const placeOf = ({ id: one }: Landing) =>
    Number((table.get(`LAND#${one} META`) as { readonly place?: number } | undefined)?.place)
  const landings = ended.toSorted((a, b) => placeOf(a) - placeOf(b))
  const executions = await executionsOf(stack.endpoints['sfn'] ?? '')
  return { forge, landings, blocker, replays, seconds, killed, executions }

  async function until(from: Client, one: string, holds: (landing: Landing) => boolean): Promise<Landing> {
    for (;;) {
      const found = await insist(async () => from.getLanding({ id: one }, { retries: 0 }), patience)
      if (holds(found)) return found
      if (Date.now() > patience.until) throw new Error(`landing ${one} is still ${found.status}`)
      await delay(200 + random() * 20 * options.landings)
    }
  }
}

/** Landings are over before their leases are: those are still being cleaned up after. */
async function rest(stack: RunningStack): Promise<void> {
  const until = Date.now() + REST
  while ((await runningExecutions(stack.endpoints['sfn'] ?? '')).length > 0 && Date.now() < until) {
    await delay(500)
  }
}
