import { disableBlueprint, enableBlueprint } from '../../../lib/app/blueprints/disable-blueprint.ts'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../../lib/app/config/read-config.ts'
import { changeHost } from '../../../lib/app/fleet/change-host.ts'
import { loseHost } from '../../../lib/app/fleet/lose-host.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import type { Random } from '../kernel/random.ts'
import type { Simulation } from '../simulation.ts'
import type { Tally } from './client.ts'
import { hostSpec } from './installation.ts'

/** What operators do while all goes on; each act is undone in the end where it would keep leases from ending. */
export interface Operators {
  /** Every so often one of the acts, until the time is over. */
  readonly begin: (until: number) => void
  /** Undoes what is still done: blueprints enabled, hosts returned. */
  readonly settle: () => Promise<void>
}

export interface OperatorsOptions {
  readonly simulation: Simulation
  readonly random: Random
  readonly catalogue: Catalogue
  readonly tally: Tally
}

interface Scene {
  readonly random: Random
  catalogue: Catalogue
  readonly request: (what: string, work: (ports: Ports) => Promise<unknown>) => Promise<void>
  readonly now: () => number
}

type Act = (scene: Scene) => Promise<void>

const applyAgain: Act = async ({ request, catalogue }) =>
  request('apply again', (ports) => applyConfig(ports, catalogue, { dryRun: false, remove: false }))

const addHost: Act = async (scene) => {
  const { random, request, catalogue } = scene
  const pools = Object.values(catalogue.blueprints).filter(({ type }) => type === 'host')
  const pool = random.pick(pools).name
  const name = `${pool}-more-${Object.keys(catalogue.hosts).length}`
  scene.catalogue = {
    ...catalogue,
    hosts: { ...catalogue.hosts, [name]: hostSpec(name, pool, random.between(1, 2)) },
  }
  await request('add a host', (ports) =>
    applyConfig(ports, scene.catalogue, { dryRun: false, remove: false }),
  )
}

const disable: Act = async ({ random, request, catalogue, now }) => {
  const name = random.pick(Object.keys(catalogue.blueprints))
  await request('disable a blueprint', (ports) =>
    disableBlueprint(ports, name, 'in the way', { now: now(), actor: 'operator' }),
  )
}

const enable: Act = async ({ random, request, catalogue, now }) => {
  const name = random.pick(Object.keys(catalogue.blueprints))
  await request('enable a blueprint', (ports) =>
    enableBlueprint(ports, name, { now: now(), actor: 'operator' }),
  )
}

const drain: Act = async ({ random, request, catalogue, now }) => {
  const name = random.pick(Object.keys(catalogue.hosts))
  const state = random.pick(['draining', 'disabled', 'quarantined'] as const)
  const until = random.chance(0.5) ? { until: now() + random.between(10_000, 120_000) } : {}
  await request(`a host is ${state}`, (ports) =>
    changeHost(ports, name, { state, reason: 'repairs', ...until }, { now: now(), actor: 'operator' }),
  )
}

const giveBack: Act = async ({ random, request, catalogue, now }) => {
  const name = random.pick(Object.keys(catalogue.hosts))
  await request('return a host', (ports) =>
    changeHost(ports, name, { state: 'active' }, { now: now(), actor: 'operator' }),
  )
}

const lose: Act = async ({ random, request, catalogue, now }) => {
  const name = random.pick(Object.keys(catalogue.hosts))
  await request('lose a host', (ports) =>
    loseHost(ports, name, 'it burns', { now: now(), actor: 'operator' }),
  )
}

const LATEST = 60_000

/** Each is one function; the more often it stands here, the more often it is done. */
const ACTS: readonly Act[] = [applyAgain, addHost, disable, enable, enable, drain, giveBack, giveBack, lose]

export function createOperators({ simulation, random, catalogue, tally }: OperatorsOptions): Operators {
  const { kernel, log } = simulation
  const scene: Scene = {
    random,
    catalogue,
    now: kernel.now,
    request: async (what, work) => {
      tally[`operator: ${what}`] = (tally[`operator: ${what}`] ?? 0) + 1
      log.add('operator', what)
      await simulation.request(work)
    },
  }
  const underWay: Promise<void>[] = []
  const often = random.between(30_000, 240_000)

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
    settle: async () => {
      await Promise.all(underWay)
      // What a request has sent before it died may arrive this much later.
      await kernel.sleep(LATEST)
      for (const name of Object.keys(catalogue.blueprints))
        await scene.request('enable a blueprint', (ports) =>
          enableBlueprint(ports, name, { now: kernel.now(), actor: 'operator' }),
        )
      for (const name of Object.keys(scene.catalogue.hosts))
        await scene.request('return a host', (ports) =>
          changeHost(ports, name, { state: 'active' }, { now: kernel.now(), actor: 'operator' }),
        )
    },
  }
}
