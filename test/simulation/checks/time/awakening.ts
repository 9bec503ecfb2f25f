import type { Item } from '../../../../lib/app/ports/table.ts'
import type { ReadEvent } from '../../watch.ts'
import { statusOf } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Of an execution that waits: awakened, it looks at once. Milliseconds. */
const AT_ONCE = 3_000
/** Of one that is at work: a slice of a checkout, then the longest yield, then it looks by itself. */
const AT_WORK = 40_000

/** The functions that take a lease's next step; repair and the sweep are not among them. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  acquired: ['decide', 'activate'],
  released: ['decide', 'destroy'],
  broken: ['decide', 'destroy'],
}

interface Awaited {
  readonly status: string
  readonly since: number
  readonly allowed: number
}

/** A release awakens its own execution, and a slot that is given awakens the next one's. */
export const stepsFollowAtOnce: CreateRule = ({ conditions }) => {
  const awaited = new Map<string, Awaited>()
  const found: string[] = []
  let followed = 0

  function look(id: string, at: number): void {
    const step = awaited.get(id)
    if (!step) return
    awaited.delete(id)
    followed += 1
    const took = at - step.since
    if (conditions.profile !== 'calm' || took <= step.allowed) return
    found.push(`lease ${id} was ${step.status} for ${took} ms until its execution looked`)
  }

  return {
    says: 'an execution is awakened when its lease has got a slot or has ended, and need not wait for a timer',
    read: ({ key, process, at }: ReadEvent) => {
      const id = key?.SK === 'META' && key.PK.startsWith('L#') ? key.PK.slice(2) : ''
      const step = awaited.get(id)
      if (step && NEXT[step.status]?.includes(process.split('#')[0] ?? '') === true) look(id, at)
    },
    follow(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        const status = statusOf(after)
        if (status === statusOf(before)) continue
        look(of.lease, commit.at)
        if (status in NEXT) awaited.set(of.lease, { status, since: commit.at, allowed: allowedTo(after) })
      }
    },
    *ended(final) {
      for (const id of awaited.keys()) look(id, final.at)
      yield* found
    },
    counts: () => ({ 'steps that followed': followed }),
  }
}

/** Where it waits it has left its task token in the lease. */
const allowedTo = (lease: Item | undefined): number =>
  lease?.['taskToken'] === undefined ? AT_WORK : AT_ONCE
