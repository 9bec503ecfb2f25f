import { type Crew, feed, type Idle, keptFrom, longestIdle, newCrew, nextToGrow, starves } from './crew.ts'
import { type FunctionDefinition, type Invocation, type InvokeResult, serviceRefused } from './invocation.ts'
import { startWorker, type Worker, type WorkerSettings } from './worker.ts'

export type PoolSettings = WorkerSettings & {
  readonly maxProcesses: number
  /** Cold starts at once: more only slow each other down, while a warm process may be free sooner. */
  readonly maxStarting: number
  /** How long an invocation waits for a function's own processes before another one is started for it. */
  readonly growAfterMilliseconds: number
  readonly idleMilliseconds: number
}

/**
 * The processes of all functions: reuses warm ones, starts cold ones, keeps below the cap by ending the one
 * that has been idle longest, and lets invocations wait in their order where there is no room.
 */
export type Pool = {
  readonly enqueue: (name: string, invocation: Invocation) => void
  /** Takes back an invocation that no process has begun; says whether it was still there. */
  readonly withdraw: (name: string, invocation: Invocation) => boolean
  /** Resolves once the function has, had or failed to get a first process. */
  readonly warm: (name: string) => Promise<void>
  /** Kills every process and refuses what waits; resolves once all are gone. */
  readonly close: () => Promise<void>
}

export function createPool(definitions: readonly FunctionDefinition[], settings: PoolSettings): Pool {
  const crews = new Map(definitions.map((definition) => [definition.name, newCrew(definition)]))
  const everyone = [...crews.values()]
  /** Processes that are not gone yet, those just evicted included. */
  const alive = new Set<Worker>()
  const lastMove = new Map<Crew, number>()
  /** Crews that are looked at again after a while, because somebody waits there. */
  const watched = new Set<Crew>()
  let idlings = 0
  let closing = false

  const crewOf = (name: string): Crew => {
    const crew = crews.get(name)
    if (crew === undefined) throw new Error(`no function ${name}`)
    return crew
  }
  const total = (): number => everyone.reduce((sum, crew) => sum + crew.members.size, 0)
  const starting = (): number => everyone.reduce((sum, crew) => sum + crew.starting.size, 0)

  const hasRoom = (crew: Crew): boolean =>
    total() < settings.maxProcesses - keptFrom(crew, everyone, settings)
  const evictableFor = (crew: Crew): Idle | undefined =>
    longestIdle(crew.members.size === 0 ? everyone : everyone.filter(({ members }) => members.size > 1))
  /**
   * Below one process per core, whoever waited long enough; above it only where nothing moves: then all are in long runs,
   * while more processes for short ones would only take the cores from each other.
   */
  const isWorthAStart = (crew: Crew): boolean => {
    const [oldest] = crew.waiting
    if (oldest === undefined) return false
    const moved = crew.members.size < settings.maxStarting ? 0 : (lastMove.get(crew) ?? 0)
    return settings.clock.now() - Math.max(oldest.arrivedAt, moved) >= settings.growAfterMilliseconds
  }
  const mayGrow = (crew: Crew): boolean =>
    crew.members.size === 0 || (isWorthAStart(crew) && (hasRoom(crew) || evictableFor(crew) !== undefined))

  const grow = (): void => {
    while (starting() < settings.maxStarting) {
      const crew = closing ? undefined : nextToGrow(everyone.filter(mayGrow))
      if (crew === undefined) return
      const evictable = evictableFor(crew)
      if (hasRoom(crew)) start(crew)
      else if (crew.waiting.length === 0) warmed(crew)
      else if (evictable === undefined) return
      else end(evictable)
    }
  }
  const watch = (crew: Crew): void => {
    if (settings.growAfterMilliseconds === 0 || crew.waiting.length === 0 || watched.has(crew)) return
    watched.add(crew)
    settings.clock.after(settings.growAfterMilliseconds, () => {
      watched.delete(crew)
      grow()
      watch(crew)
    })
  }
  const serve = (crew: Crew): void => {
    const before = crew.waiting.length
    feed(crew)
    if (crew.waiting.length < before) lastMove.set(crew, settings.clock.now())
  }
  const start = (crew: Crew): void => {
    const worker = startWorker(crew.definition, settings, { onIdle, onAnswered, onInitFailed, onEnd })
    alive.add(worker)
    crew.members.add(worker)
    crew.starting.add(worker)
  }
  const end = ({ worker, cancelReaping }: Idle): void => {
    cancelReaping()
    forget(worker)
    void worker.kill()
  }
  const forget = (worker: Worker): void => {
    const crew = crewOf(worker.functionName)
    crew.members.delete(worker)
    crew.starting.delete(worker)
    crew.returning.delete(worker)
    const position = crew.idle.findIndex((idle) => idle.worker === worker)
    if (position >= 0) crew.idle.splice(position, 1)[0]?.cancelReaping()
  }
  const warmed = (crew: Crew): void => {
    for (const resolve of crew.warmers.splice(0)) resolve()
  }

  const onIdle = (worker: Worker): void => {
    const crew = crewOf(worker.functionName)
    if (!crew.members.has(worker)) return
    crew.starting.delete(worker)
    crew.returning.delete(worker)
    const idle: Idle = {
      worker,
      since: (idlings += 1),
      cancelReaping: settings.clock.after(settings.idleMilliseconds, () => end(idle)),
    }
    crew.idle.push(idle)
    const givesWay = total() >= settings.maxProcesses && starves(everyone, crew)
    if (!givesWay) serve(crew)
    warmed(crew)
    grow()
    serve(crew)
  }
  const onAnswered = (worker: Worker): void => void crewOf(worker.functionName).returning.add(worker)
  const onInitFailed = (worker: Worker, result: InvokeResult): void => {
    const crew = crewOf(worker.functionName)
    forget(worker)
    crew.waiting.shift()?.settle(result)
    warmed(crew)
    void worker.kill()
    grow()
  }
  const onEnd = (worker: Worker): void => {
    alive.delete(worker)
    forget(worker)
    grow()
  }

  return {
    enqueue(name, invocation) {
      if (closing) return invocation.settle(stopped)
      const crew = crewOf(name)
      crew.waiting.push(invocation)
      serve(crew)
      grow()
      watch(crew)
    },
    withdraw(name, invocation) {
      const { waiting } = crewOf(name)
      const position = waiting.indexOf(invocation)
      if (position >= 0) waiting.splice(position, 1)
      return position >= 0
    },
    async warm(name) {
      const crew = crewOf(name)
      if (closing || crew.members.size > crew.starting.size) return
      const { promise, resolve } = Promise.withResolvers<void>()
      crew.warmers.push(resolve)
      grow()
      await promise
    },
    async close() {
      closing = true
      for (const crew of everyone) {
        for (const invocation of crew.waiting.splice(0)) invocation.settle(stopped)
        for (const { cancelReaping } of crew.idle) cancelReaping()
        warmed(crew)
      }
      await Promise.all([...alive].map(async (worker) => worker.kill()))
    },
  }
}

const stopped = serviceRefused({ errorType: 'ServiceException', errorMessage: 'The service is stopping.' })
