import type { FunctionName } from '../../../lib/contract/environment.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { FUNCTIONS } from '../../../infra/settings.ts'
import type { Outside, Process } from './process.ts'
import { createProcess } from './process.ts'
import type { Handlers, HandlerName } from './handlers.ts'

/** What a caller of a function hears of it. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly cause: string }

export interface Functions {
  /** Invokes a function; answers when it did, if its answer is not lost. */
  readonly invoke: (name: HandlerName, payload: unknown, answer: (answer: Answer) => void) => void
  /** A run of anything else that has ports, such as one request of the API. */
  readonly run: <T>(name: FunctionName | HandlerName, work: (ports: Ports) => Promise<T>) => Promise<Ran<T>>
  /** Runs that have neither ended nor died. */
  readonly running: () => number
  /** How often each function was invoked. */
  readonly counts: () => Readonly<Record<string, number>>
  /** How often each died, or had its time. */
  readonly deaths: () => Readonly<Record<string, number>>
}

export type Ran<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error }

export interface FunctionsOptions {
  readonly outside: Outside
  readonly compose: (process: Process) => Ports
  readonly handlers: Handlers
  /** Told of what a run threw by itself. */
  readonly failed: (process: string, error: unknown) => void
}

/** What a function that is given up says, and what one says whose process has ended. */
const TIMED_OUT = 'Sandbox.Timedout'
const CRASHED = 'Runtime.ExitError'

export function createFunctions({ outside, compose, handlers, failed }: FunctionsOptions): Functions {
  const { kernel, faults, random, log } = outside
  const counts: Record<string, number> = {}
  const deaths: Record<string, number> = {}
  let numbers = 0
  let running = 0

  /** Runs until it answers, throws, dies, or has had its time. */
  function begin<T>(
    name: HandlerName | FunctionName,
    work: (ports: Ports, process: Process) => Promise<T>,
    end: (ran: Ran<T>) => void,
  ): Process {
    const process = createProcess(outside, `${name}#${(numbers += 1)}`)
    counts[name] = (counts[name] ?? 0) + 1
    running += 1
    let over = false
    const settle = (ran: Ran<T>) => {
      if (over) return
      over = true
      running -= 1
      process.finish()
      end(ran)
    }
    process.onDeath((how) => {
      const what = how === TIMED_OUT ? `${name} timed out` : `${name} died`
      deaths[what] = (deaths[what] ?? 0) + 1
      settle({ ok: false, error: named(how === TIMED_OUT ? TIMED_OUT : CRASHED, how) })
    })
    kernel.after(FUNCTIONS[name].timeoutSeconds * 1_000, () => process.kill(TIMED_OUT))
    work(compose(process), process).then(
      (value) => process.alive() && settle({ ok: true, value }),
      (error: unknown) => {
        if (!process.alive()) return
        failed(process.id, error)
        settle({ ok: false, error: error instanceof Error ? error : new Error(String(error)) })
      },
    )
    return process
  }

  function execute(name: HandlerName, payload: unknown, answer: (answer: Answer) => void): void {
    const endsAt = kernel.now() + FUNCTIONS[name].timeoutSeconds * 1_000
    const remaining = () => endsAt - kernel.now()
    begin(
      name,
      async (ports, process) => {
        log.add(process.id, `called with ${JSON.stringify(payload)}`)
        return handlers[name](ports, payload, remaining)
      },
      (ran) => {
        const said: Answer = ran.ok
          ? { ok: true, value: ran.value }
          : { ok: false, error: ran.error.name, cause: ran.error.message }
        kernel.after(random.between(1, 10), () => answer(said))
      },
    )
  }

  return {
    invoke: (name, payload, answer) => {
      const fault = faults.draw([
        'invocation throttled',
        'invocation late',
        'invocation doubled',
        'invocation given up while running',
        'invocation never answered',
      ])
      const start = random.between(5, 60) + (fault === 'invocation late' ? random.between(100, 30_000) : 0)
      const again = () => execute(name, payload, () => undefined)
      if (fault === 'invocation throttled') {
        kernel.after(start, () => answer(failure('Lambda.TooManyRequestsException')))
        return
      }
      if (fault === 'invocation given up while running' || fault === 'invocation never answered') {
        kernel.after(start, again)
        if (fault === 'invocation never answered') return
        kernel.after(start + random.between(1, 2_000), () => answer(failure('Lambda.SdkClientException')))
        return
      }
      if (fault === 'invocation doubled') kernel.after(start + random.between(0, 90_000), again)
      kernel.after(start, () => execute(name, payload, answer))
    },
    run: (name, work) =>
      new Promise((resolve) => {
        begin(name, work, (ran) => kernel.after(random.between(1, 10), () => resolve(ran)))
      }),
    running: () => running,
    counts: () => counts,
    deaths: () => deaths,
  }
}

const failure = (error: string): Answer => ({ ok: false, error, cause: 'injected' })

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}
