import type { ReadEvent } from '../../watch.ts'
import { statusOf } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Nobody has to be awakened by a timer where nothing goes wrong: the next look comes at once. Milliseconds. */
const AT_ONCE = 3_000

/** The functions that take a lease's next step; repair and the sweep are not among them. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  acquired: ['decide', 'activate'],
  released: ['decide', 'destroy'],
  broken: ['decide', 'destroy'],
}

/** Release wakes its own execution, and a slot that is given wakes the next one's. */
export const stepsFollowAtOnce: CreateRule = ({ conditions }) => {
  const waiting = new Map<string, { readonly status: string; readonly since: number }>()
  const found: string[] = []
  let followed = 0

  function look(id: string, at: number): void {
    const step = waiting.get(id)
    if (!step) return
    waiting.delete(id)
    followed += 1
    const took = at - step.since
    if (conditions.profile === 'calm' && took > AT_ONCE) {
      found.push(`lease ${id} was ${step.status} for ${took} ms until its execution looked`)
    }
  }

  return {
    says: 'an execution is awakened when its lease has got a slot or has ended; it need not wait for a timer',
    read: ({ key, process, at }: ReadEvent) => {
      const id = key?.SK === 'META' && key.PK.startsWith('L#') ? key.PK.slice(2) : ''
      const step = waiting.get(id)
      if (step && NEXT[step.status]?.includes(process.split('#')[0] ?? '') === true) look(id, at)
    },
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        const status = statusOf(after)
        if (status === statusOf(before)) continue
        look(of.lease, commit.at)
        if (status in NEXT) waiting.set(of.lease, { status, since: commit.at })
      }
    },
    *ended(final) {
      for (const id of waiting.keys()) look(id, final.at)
      yield* found
    },
    counts: () => ({ 'steps that followed': followed }),
  }
}
