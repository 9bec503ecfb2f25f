import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import { readConfig } from '../../../lib/app/config/read-config.ts'
import type { Random } from '../kernel/random.ts'
import type { Simulation } from '../simulation.ts'
import type { Act, Scene } from './acts/act.ts'
import {
  addHost,
  applyAgain,
  changeQuota,
  growHost,
  removeBlueprint,
  removed,
  removeHost,
  removePool,
  shrinkHost,
} from './acts/document.ts'
import { disable, drain, drainTwice, enable, enabled, giveBack, lose, returned } from './acts/states.ts'
import type { Tally } from './client.ts'

/** What operators do while all goes on; each act is undone in the end where it would keep leases from ending. */
export interface Operators {
  /** Every so often one of the acts, until the time is over. */
  readonly begin: (until: number) => void
  /** This host is removed now, and perhaps comes back. */
  readonly remove: (host: string) => void
  /** Undoes what is still done: blueprints enabled, hosts returned. What they declared last is there when it answers. */
  readonly settle: () => Promise<void>
  /** What they want to be there now. */
  readonly wanted: () => Catalogue
}

export interface OperatorsOptions {
  readonly simulation: Simulation
  readonly random: Random
  readonly catalogue: Catalogue
  readonly tally: Tally
}

/** What a request has sent before it died may arrive this much later. */
const LATEST = 60_000

/** The more often an act stands here, the more often it is done. */
const ACTS: readonly Act[] = [
  applyAgain,
  addHost,
  removeHost,
  removeHost,
  growHost,
  shrinkHost,
  removePool,
  removeBlueprint,
  changeQuota,
  disable,
  enable,
  enable,
  drain,
  drainTwice,
  giveBack,
  giveBack,
  lose,
]

export function createOperators({ simulation, random, catalogue, tally }: OperatorsOptions): Operators {
  const { kernel, log } = simulation
  const scene: Scene = {
    random,
    first: catalogue,
    wanted: catalogue,
    now: kernel.now,
    sleep: kernel.sleep,
    request: async (what, work) => {
      tally[`operator: ${what}`] = (tally[`operator: ${what}`] ?? 0) + 1
      log.add('operator', what)
      await simulation.request(work)
    },
  }
  const underWay: Promise<void>[] = []
  const often = random.between(20_000, 240_000)

  /** Applies what is wanted until nothing is left to do. A host that is to be smaller has to go first. */
  async function insist(): Promise<void> {
    for (;;) {
      const ran = await simulation.request((ports) =>
        applyConfig(ports, scene.wanted, { dryRun: false, remove: true }),
      )
      if (ran.ok && ran.value.ok && ran.value.value.changes.length === 0) return
      if (ran.ok && !ran.value.ok && ran.value.refusal.refused === 'in_use') await makeWay()
      await kernel.sleep(5_000)
    }
  }

  async function makeWay(): Promise<void> {
    await simulation.request(async (ports) => {
      const { hosts } = (await readConfig(ports)).catalogue
      const left = Object.entries(scene.wanted.hosts).filter(
        ([name, { capacity }]) => capacity >= (hosts[name]?.capacity ?? 0),
      )
      const document = { ...scene.wanted, hosts: Object.fromEntries(left) }
      return applyConfig(ports, document, { dryRun: false, remove: true })
    })
  }

  return {
    begin: (until) => {
      const next = () => {
        kernel.after(random.between(1, 2 * often), () => {
          if (kernel.now() >= until) return
          underWay.push(random.pick(ACTS)(scene))
          next()
        })
      }
      next()
    },
    remove: (host) => void underWay.push(removed(scene, host)),
    settle: async () => {
      await Promise.all(underWay)
      await kernel.sleep(LATEST)
      await insist()
      for (const name of Object.keys(scene.wanted.blueprints)) await enabled(scene, name)
      for (const name of Object.keys(scene.wanted.hosts)) await returned(scene, name)
    },
    wanted: () => scene.wanted,
  }
}
