import type { Hosts } from '../../lib/app/ports/hosts.ts'
import type { Executions } from '../../lib/app/ports/ports.ts'

/** The process ended in the middle of a call: nothing after it has happened. */
export class Died extends Error {}

export type Moment = 'before' | 'after'

/** Kills whoever makes the n-th call to the outside. */
export function createReaper() {
  let left = Infinity
  let moment: Moment = 'before'
  let counted = 0
  const dies = (now: Moment) => {
    if (now === 'before') {
      counted += 1
      left -= 1
    }
    if (left !== 0 || moment !== now) return
    left = Infinity
    throw new Died(`died ${now} call ${counted}`)
  }
  return {
    doom: (call: number, at: Moment) => {
      left = call
      moment = at
      counted = 0
    },
    calls: () => counted,
    before: () => dies('before'),
    after: () => dies('after'),
  }
}

/** What a host does for a landing: a process can die in it, too, and the host does it all the same. */
export function mortalLandings(hosts: Hosts, reaper: Reaper): Pick<Hosts, 'merge' | 'push'> {
  const risky = riskyWith(reaper)
  return {
    merge: risky((...given: Parameters<Hosts['merge']>) => hosts.merge(...given)),
    push: risky((...given: Parameters<Hosts['push']>) => hosts.push(...given)),
  }
}

type Reaper = ReturnType<typeof createReaper>

const riskyWith =
  (reaper: Reaper) =>
  <A extends readonly unknown[], T>(call: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    reaper.before()
    const answer = await call(...given)
    reaper.after()
    return answer
  }

/** Calls to Step Functions are calls in which a process can die, like those to the table. */
export function mortal(executions: Executions, reaper: Reaper): Executions {
  const risky = riskyWith(reaper)
  return {
    ...executions,
    ensureLease: risky((id: string) => executions.ensureLease(id)),
    ensureCommand: risky((id: string, number: number) => executions.ensureCommand(id, number)),
    ensureLanding: risky((id: string) => executions.ensureLanding(id)),
    ensureBuild: risky((id: string, generation: number) => executions.ensureBuild(id, generation)),
    cleanSlot: risky((host: string, slot: number, epoch: number) => executions.cleanSlot(host, slot, epoch)),
    probeHost: risky((host: string, occasion: string) => executions.probeHost(host, occasion)),
    awaken: risky((token: string) => executions.awaken(token)),
    heartbeat: risky((token: string) => executions.heartbeat(token)),
  }
}
