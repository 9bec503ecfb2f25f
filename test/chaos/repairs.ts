import { setTimeout as delay } from 'node:timers/promises'
import { wholeTable } from '../features/support/table.ts'
import type { Item } from '../../lib/app/ports/table.ts'
import { storiesOf } from './checks/story.ts'
import { invoke } from './stack.ts'
import type { RunningStack } from './stack.ts'

export interface Pace {
  /** Milliseconds between two sweeps; undefined: only as scheduled, once a minute. */
  readonly sweepEvery: number | undefined
  /**
   * A lease whose next step is late by so many milliseconds is looked at as after a bad end of its execution; undefined:
   * when its timer is due.
   */
  readonly lateAfter: number | undefined
}

/** What sweeps found that others had left behind. */
export interface Repairs {
  readonly sweeps: number
  /** Sweeps that did not come to their end. */
  readonly broken: number
  readonly found: Readonly<Record<string, number>>
  /** Leases looked at before their timer. */
  readonly late: number
}

type Reach = () => Pick<RunningStack, 'endpoints'> | undefined

/** Calls the sweep again and again, sooner than its schedule does, for as long as the stack is there. */
export function startRepairs(stack: Reach, pace: Pace): { end(): Promise<Repairs> } {
  const stopped = new AbortController()
  const count = { sweeps: 0, broken: 0, late: 0 }
  const found: Record<string, number> = {}
  const sweep = async (reached: Pick<RunningStack, 'endpoints'>): Promise<void> => {
    count.sweeps += 1
    const findings = await invoke(reached, 'drydock-sweep', {})
    if (findings === undefined) count.broken += 1
    for (const [what, number] of Object.entries((findings ?? {}) as Record<string, number>)) {
      found[what] = (found[what] ?? 0) + number
    }
    if (pace.lateAfter === undefined) return
    const late = await lateLeases(reached, pace.lateAfter)
    count.late += late.length
    for (const name of late) await invoke(reached, 'drydock-repair', { detail: { name } })
  }
  const run = async (pause: number): Promise<void> => {
    for (;;) {
      await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined)
      if (stopped.signal.aborted) return
      const reached = stack()
      if (reached) await sweep(reached)
    }
  }
  const running = pace.sweepEvery === undefined ? undefined : run(pace.sweepEvery)
  return {
    end: async () => {
      stopped.abort()
      await running
      return { ...count, found }
    },
  }
}

/** Leases in a state that lasts no longer than a step, and have been for longer than that. */
async function lateLeases(
  stack: Pick<RunningStack, 'endpoints'>,
  lateAfter: number,
): Promise<readonly string[]> {
  const items = await wholeTable(stack).catch(() => new Map<string, unknown>())
  return storiesOf([...items.values()] as readonly Item[]).flatMap(({ lease, events }) => {
    const passing = ['acquired', 'released', 'broken'].includes(lease.status)
    const since = events.at(-1)?.at ?? Number.POSITIVE_INFINITY
    return passing && since + lateAfter < Date.now() ? [lease.id] : []
  })
}
