import { createHeap } from './heap.ts'
import { randomStream } from './random.ts'

/** Virtual time and everything that will happen in it. Nothing here knows the real time. */
export interface Kernel {
  /** Virtual epoch milliseconds. */
  readonly now: () => number
  /** Events that have happened so far. */
  readonly events: () => number
  /** Happens so many milliseconds from now, among others of the same instant in an order of the seed's choosing. */
  readonly after: (milliseconds: number, act: () => void) => void
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Work outside of virtual time: no other event happens until it is done. */
  readonly outside: <T>(work: Promise<T>) => Promise<T>
  /** Lets events happen until none is due at `until` or before, or until `enough` says so. */
  readonly run: (until: number, enough?: () => boolean) => Promise<void>
}

export function createKernel(seed: number, start: number): Kernel {
  const heap = createHeap()
  const ties = randomStream(seed, 'ties')
  let now = start
  let order = 0
  let events = 0
  let working = 0
  let done: (() => void) | undefined

  const after: Kernel['after'] = (milliseconds, act) => {
    const at = now + Math.max(0, Math.ceil(milliseconds))
    heap.push({ at, tie: ties.fraction(), order: (order += 1), act })
  }

  /** Every microtask that the last event has set free runs before the next one. */
  async function drain(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (working === 0) return
    await new Promise<void>((resolve) => {
      done = resolve
    })
    await drain()
  }

  return {
    now: () => now,
    events: () => events,
    after,
    sleep: (milliseconds) => new Promise((resolve) => after(milliseconds, resolve)),
    async outside(work) {
      working += 1
      try {
        return await work
      } finally {
        working -= 1
        if (working === 0) done?.()
      }
    },
    async run(until, enough = () => false) {
      await drain()
      for (let next = heap.first(); next && next.at <= until && !enough(); next = heap.first()) {
        heap.pop()
        now = next.at
        events += 1
        next.act()
        await drain()
      }
      if (!enough()) now = Math.max(now, until)
    },
  }
}
