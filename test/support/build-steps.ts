import type { BuildAct, BuildRoute } from '../../lib/app/builds/drive-build.ts'
import { driveBuild } from '../../lib/app/builds/drive-build.ts'
import { notifyBuild } from '../../lib/app/builds/notify-build.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import { workKey } from '../../lib/app/store/keys.ts'
import type { Step } from './conductor.ts'

export interface Conducting {
  readonly ports: () => Ports
  /** Sleeps until the token is used or the time is up. */
  readonly sleep: (token: string, seconds: number, next: Step) => undefined
  readonly pause: (seconds: number, next: Step) => undefined
  readonly token: () => string
  /** What was put on the bus. */
  readonly publish: (event: object) => void
}

const WAITS = {
  AWAIT_LEASE: { status: 'waiting', next: 'STEP' },
  AWAIT_STEP: { status: 'running', next: 'STEP' },
  AWAIT_RELEASE: { status: 'releasing', next: 'RELEASE' },
} as const

/** One generation of a build as infra/machines/build.ts executes it. */
export function buildSteps(conducting: Conducting, id: string, generation: number): Step {
  const { ports, sleep, pause, token, publish } = conducting

  const act =
    (name: BuildAct): Step =>
    async () =>
      follow(await driveBuild(ports(), id, generation, name))

  const follow = (route: BuildRoute): Step | undefined => {
    switch (route.route) {
      case 'AWAIT_LEASE':
      case 'AWAIT_STEP':
      case 'AWAIT_RELEASE':
        return wait(WAITS[route.route], route.told, route.timeoutSeconds)
      case 'NOTIFY':
        publish(route.event)
        return notify
      case 'DONE':
        return undefined
      case 'LEASE':
      case 'STEP':
      case 'RELEASE':
      case 'RESULT':
        return act(route.route)
    }
  }

  const wait =
    ({ status, next }: (typeof WAITS)[keyof typeof WAITS], told: number, seconds: number): Step =>
    async () => {
      const taskToken = token()
      const stored = await ports().table.write({
        kind: 'update',
        key: workKey('build', id),
        set: { taskToken },
        when: {
          name: 'still_as_seen',
          all: [
            { is: 'equal', attribute: 'status', value: status },
            { is: 'equal', attribute: 'told', value: told },
            { is: 'equal', attribute: 'generation', value: generation },
          ],
        },
      })
      return stored.committed ? sleep(taskToken, seconds, act(next)) : act(next)
    }

  const notify: Step = async () => {
    const answer = await notifyBuild(ports(), id, generation, (build) => ({
      id: build.id,
      verdict: build.verdict,
    }))
    return answer.route === 'DONE' ? undefined : pause(answer.seconds, notify)
  }

  return act('LEASE')
}
