import { advanceLanding } from '../../lib/app/landings/advance-landing.ts'
import { landAtHost } from '../../lib/app/landings/land-at-host.ts'
import { followCommand } from '../../lib/app/commands/follow-command.ts'
import { probeHost } from '../../lib/app/fleet/probe-host.ts'
import { activateLease } from '../../lib/app/lifecycle/activate.ts'
import { cleanSlot } from '../../lib/app/lifecycle/clean.ts'
import type { Visits } from '../../lib/app/lifecycle/decide.ts'
import { decide } from '../../lib/app/lifecycle/decide.ts'
import { destroyLease } from '../../lib/app/lifecycle/destroy.ts'
import { finalizeLease } from '../../lib/app/lifecycle/finalize.ts'
import type { Executions, Ports } from '../../lib/app/ports/ports.ts'
import { buildSteps } from './build-steps.ts'
import { Died } from './death.ts'
import { leaseKey, workKey } from '../../lib/app/store/keys.ts'

/** What an execution does next, as in infra/machines/lease.ts; undefined = it has ended. */
export type Step = () => Promise<Step | undefined>

interface Sleeper {
  readonly token?: string
  readonly next: Step
  /** Where it goes when its time is up. */
  readonly otherwise: Step
  readonly deadline: number
  heartbeatBy: number
  readonly heartbeat: number
}

/** Executes the machines over the use cases, in virtual time: what Step Functions does, without Step Functions. */
export function createConductor(
  ports: () => Ports,
  now: () => number,
  publish: (event: object) => void = () => undefined,
) {
  const running = new Map<string, Step>()
  const asleep = new Map<string, Sleeper>()
  let tokens = 0
  let halted = false

  const start = (name: string, step: Step) => {
    if (!running.has(name) && !asleep.has(name)) running.set(name, step)
  }

  const sleep = (name: string, sleeper: Omit<Sleeper, 'heartbeatBy'>): undefined => {
    asleep.set(name, { ...sleeper, heartbeatBy: now() + sleeper.heartbeat })
  }

  const wait =
    (id: string, status: string, seconds: number, heartbeatSeconds: number, next: Step): Step =>
    async () => {
      const token = `task-${(tokens += 1)}`
      const stored = await ports().table.write({
        kind: 'update',
        key: leaseKey(id),
        set: { taskToken: token },
        when: { name: 'still_in_status', all: [{ is: 'equal', attribute: 'status', value: status }] },
      })
      if (!stored.committed) return lease(id)
      const deadline = now() + seconds * 1_000
      return sleep(`lease ${id}`, {
        token,
        next,
        otherwise: lease(id),
        deadline,
        heartbeat: heartbeatSeconds * 1_000,
      })
    }

  const pause = (name: string, seconds: number, next: Step): undefined =>
    sleep(name, { next, otherwise: next, deadline: now() + seconds * 1_000, heartbeat: Infinity })

  const lease =
    (id: string, visits?: Visits): Step =>
    async () => {
      const decided = await decide(ports(), id, visits)
      const again = lease(id, decided.visits)
      switch (decided.route) {
        case 'WAIT':
          return wait(id, 'pending', decided.timeoutSeconds, Infinity, activate(id))
        case 'ACTIVATE':
          return activate(id)
        case 'HOLD':
          return wait(id, 'active', decided.timeoutSeconds, decided.heartbeatSeconds, again)
        case 'KEEP':
          return wait(id, 'kept', decided.timeoutSeconds, Infinity, again)
        case 'DESTROY':
          return destroy(id)
        case 'PAUSE':
          return pause(`lease ${id}`, decided.seconds, again)
        case 'DONE':
          return undefined
      }
    }

  const activate =
    (id: string): Step =>
    async () => {
      const answer = await activateLease(ports(), id)
      if (answer.route === 'YIELD') return pause(`lease ${id}`, answer.seconds, activate(id))
      if (answer.route === 'HOLD')
        return wait(id, 'active', answer.timeoutSeconds, answer.heartbeatSeconds, lease(id))
      return lease(id)
    }

  const destroy =
    (id: string): Step =>
    async () => {
      const answer = await destroyLease(ports(), id)
      return answer.route === 'DECIDE' ? lease(id) : finalize(id, answer.confirmed)
    }

  const finalize =
    (id: string, confirmed: boolean): Step =>
    async () =>
      (await finalizeLease(ports(), id, confirmed)).route === 'DONE' ? undefined : lease(id)

  const clean =
    (name: string, host: string, slot: number, tries: number): Step =>
    async () => {
      const answer = await cleanSlot(ports(), host, slot, tries)
      return answer.route === 'DONE'
        ? undefined
        : pause(name, answer.seconds, clean(name, host, slot, tries + 1))
    }

  const probe =
    (name: string, host: string, tries: number): Step =>
    async () => {
      const answer = await probeHost(ports(), host, tries)
      return answer.route === 'DONE' ? undefined : pause(name, answer.seconds, probe(name, host, tries + 1))
    }

  const follow =
    (name: string, id: string, number: number): Step =>
    async () => {
      const answer = await followCommand(ports(), id, number, 1)
      return answer.route === 'DONE' ? undefined : pause(name, 1, follow(name, id, number))
    }

  const landing =
    (id: string): Step =>
    async () => {
      const answer = await advanceLanding(ports(), id)
      switch (answer.route) {
        case 'TURN':
        case 'LEASE':
        case 'STEP':
          return waitForNews(id, answer.told, answer.timeoutSeconds)
        case 'MERGE':
        case 'PUSH':
          return atHost(id)
        case 'PAUSE':
          return pause(`landing ${id}`, answer.seconds, landing(id))
        case 'DONE':
          return undefined
      }
    }

  const atHost =
    (id: string): Step =>
    async () => {
      const answer = await landAtHost(ports(), id)
      return answer.route === 'YIELD' ? pause(`landing ${id}`, answer.seconds, landing(id)) : landing(id)
    }

  /** As in infra/machines/landing.ts. */
  const waitForNews =
    (id: string, told: number, seconds: number): Step =>
    async () => {
      const token = `task-${(tokens += 1)}`
      const stored = await ports().table.write({
        kind: 'update',
        key: workKey('landing', id),
        set: { taskToken: token },
        when: { name: 'told_nothing', all: [{ is: 'equal', attribute: 'told', value: told }] },
      })
      if (!stored.committed) return landing(id)
      const deadline = now() + seconds * 1_000
      const next = landing(id)
      return sleep(`landing ${id}`, { token, next, otherwise: next, deadline, heartbeat: Infinity })
    }
  const build = (id: string, generation: number): Step => {
    const name = `build ${id} ${generation}`
    return buildSteps(
      {
        ports,
        token: () => `task-${(tokens += 1)}`,
        pause: (seconds, next) => pause(name, seconds, next),
        sleep: (token, seconds, next) =>
          sleep(name, {
            token,
            next,
            otherwise: next,
            deadline: now() + seconds * 1_000,
            heartbeat: Infinity,
          }),
        publish,
      },
      id,
      generation,
    )
  }

  const byToken = (token: string) => [...asleep].find(([, sleeper]) => sleeper.token === token)

  const executions: Executions = {
    ensureLease: async (id) => start(`lease ${id}`, lease(id)),
    ensureCommand: async (id, number) =>
      start(`command ${id} ${number}`, follow(`command ${id} ${number}`, id, number)),
    ensureLanding: async (id) => start(`landing ${id}`, landing(id)),
    ensureBuild: async (id, generation) => start(`build ${id} ${generation}`, build(id, generation)),
    cleanSlot: async (host, slot) =>
      start(`slot ${host} ${slot}`, clean(`slot ${host} ${slot}`, host, slot, 0)),
    probeHost: async (host, occasion) =>
      start(`host ${host} ${occasion}`, probe(`host ${host} ${occasion}`, host, 0)),
    awaken: async (token) => {
      const [name, sleeper] = byToken(token) ?? []
      if (name === undefined || !sleeper) return
      asleep.delete(name)
      running.set(name, sleeper.next)
    },
    heartbeat: async (token) => {
      const [, sleeper] = byToken(token) ?? []
      if (sleeper) sleeper.heartbeatBy = now() + sleeper.heartbeat
    },
    landingExecution: (id) => ({ arn: `arn:aws:states:local:000000000000:execution:drydock-landing:${id}` }),
    buildExecution: (id, generation) => ({
      arn: `arn:aws:states:local:000000000000:execution:drydock-build:${id}-g${generation}`,
    }),
    leaseExecution: (id) => ({ arn: `arn:aws:states:local:000000000000:execution:drydock-lease:${id}` }),
  }

  return {
    executions,
    halt: (value: boolean) => {
      halted = value
    },
    settle: async () => {
      while (running.size > 0) {
        if (halted) return
        const [name, step] = [...running][0] ?? []
        if (name === undefined || !step) return
        running.delete(name)
        const next = await step().catch(unlessDead)
        if (next) running.set(name, next)
      }
    },
    nextDue: () => Math.min(Infinity, ...[...asleep.values()].map(dueOf)),
    fireDue: () => {
      for (const [name, sleeper] of asleep) {
        if (dueOf(sleeper) > now()) continue
        asleep.delete(name)
        running.set(name, sleeper.otherwise)
      }
    },
  }
}

/** A step whose process died takes its execution with it: the worst that can happen, as nobody tries it again. */
function unlessDead(error: unknown): undefined {
  if (!(error instanceof Died)) throw error
}

const dueOf = (sleeper: Sleeper): number => Math.min(sleeper.deadline, sleeper.heartbeatBy)
