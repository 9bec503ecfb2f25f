import { disableBlueprint, enableBlueprint } from '../../../../lib/app/blueprints/disable-blueprint.ts'
import { changeHost } from '../../../../lib/app/fleet/change-host.ts'
import { loseHost } from '../../../../lib/app/fleet/lose-host.ts'
import type { Act, Scene } from './act.ts'
import { by, LASTING } from './act.ts'

/** Also things that are not there now. */
const anyBlueprint = ({ random, first }: Scene): string => random.pick(Object.keys(first.blueprints))
const anyHost = ({ random, first, wanted }: Scene): string =>
  random.pick([...new Set([...Object.keys(first.hosts), ...Object.keys(wanted.hosts)])])

export const disable: Act = async (scene) => {
  const name = anyBlueprint(scene)
  await scene.request('disable a blueprint', (ports) =>
    disableBlueprint(ports, name, 'in the way', by(scene)),
  )
}

export const enable: Act = async (scene) => enabled(scene, anyBlueprint(scene))

export const enabled = (scene: Scene, name: string): Promise<void> =>
  scene.request('enable a blueprint', (ports) => enableBlueprint(ports, name, by(scene)))

export const drain: Act = async (scene) => {
  const { random, now } = scene
  const name = anyHost(scene)
  const state = random.pick(['draining', 'disabled', 'quarantined'] as const)
  const until = random.chance(0.5) ? { until: now() + random.between(10_000, 120_000) } : {}
  await scene.request(`a host is ${state}`, (ports) =>
    changeHost(ports, name, { state, reason: 'repairs', from: LASTING, ...until }, by(scene)),
  )
}

/** About when it would have been over it is prolonged, shortened, or ended by hand. */
export const drainTwice: Act = async (scene) => {
  const { random, now, sleep } = scene
  const name = anyHost(scene)
  const change = async (what: string, milliseconds: number) =>
    scene.request(what, (ports) =>
      changeHost(ports, name, { state: 'draining', from: LASTING, until: now() + milliseconds }, by(scene)),
    )
  const milliseconds = random.between(5_000, 90_000)
  await change('a host is draining', milliseconds)
  await sleep(
    Math.max(0, milliseconds + random.pick([random.between(-60_000, 0), random.between(0, 60_000)])),
  )
  await change('a drain is prolonged', random.between(1_000, 90_000))
}

export const giveBack: Act = async (scene) => returned(scene, anyHost(scene))

export const returned = (scene: Scene, name: string): Promise<void> =>
  scene.request('return a host', (ports) =>
    changeHost(ports, name, { state: 'active', from: LASTING }, by(scene)),
  )

export const lose: Act = async (scene) => {
  const name = anyHost(scene)
  await scene.request('lose a host', (ports) => loseHost(ports, name, 'it burns', by(scene)))
}
