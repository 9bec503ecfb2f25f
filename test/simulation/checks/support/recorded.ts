import type { Item } from '../../../../lib/app/ports/table.ts'
import { runSeed } from '../../run.ts'
import type { CommitEvent, Conditions, Final, ProfileName, ReadEvent } from '../../watch.ts'
import type { Entity } from '../entity.ts'
import { entityOf } from '../entity.ts'
import type { CreateRule } from '../rule.ts'
import { createChecks } from '../watch.ts'

/** A run as a watch has seen it; it may be altered and judged again. */
export interface Recorded {
  readonly conditions: Conditions
  readonly events: readonly Event[]
  readonly final: Final
}

export type Event = CommitEvent | ReadEvent

export const isCommit = (event: Event): event is CommitEvent => 'writes' in event

const runs = new Map<string, Promise<Recorded>>()

/** The same run for everybody who asks for it. */
export async function record(seed: number, profile: ProfileName): Promise<Recorded> {
  const name = `${profile} ${seed}`
  const known = runs.get(name)
  if (known) return known
  const recording = recordAnew(seed, profile)
  runs.set(name, recording)
  return recording
}

async function recordAnew(seed: number, profile: ProfileName): Promise<Recorded> {
  const events: Event[] = []
  let conditions: Conditions | undefined
  let final: Final | undefined
  await runSeed({
    seed,
    profile,
    createWatch: (given) => {
      conditions = given
      return {
        committed: (event) => void events.push(event),
        read: (event) => void events.push(event),
        verdict: (ended) => {
          final = ended
          return []
        },
      }
    },
  })
  if (!conditions || !final) throw new Error('the run had no watch')
  return { conditions, events, final }
}

/** What some rules say of a run. */
export function judge(
  { conditions, events, final }: Recorded,
  rules: readonly CreateRule[],
): readonly string[] {
  const checks = createChecks(conditions, rules)
  for (const event of events) {
    if (isCommit(event)) checks.committed(event)
    else checks.read(event)
  }
  return checks.verdict(final)
}

/** What one commit did to one item. */
export interface Change {
  readonly of: Entity
  readonly before: Item | undefined
  readonly after: Item | undefined
}

type Altered = { readonly before?: Item | undefined; readonly after?: Item | undefined }

/** Says what the first change that it knows should have been; undefined for all others. */
export type Alter = (change: Change, commit: CommitEvent) => Altered | undefined

/** The run with one change altered, or every one that fits; undefined where none does. */
export function alter(
  recorded: Recorded,
  change: Alter,
  which: 'first' | 'all' = 'first',
): Recorded | undefined {
  let done = 0
  const events = recorded.events.map((event): Event => {
    if (!isCommit(event)) return event
    const [before, after] = [[...event.before], [...event.after]]
    for (const [index, write] of event.writes.entries()) {
      if (write.kind === 'check' || (which === 'first' && done > 0)) continue
      const of = entityOf(write.kind === 'put' ? write.item : write.key)
      const altered = change({ of, before: before[index], after: after[index] }, event)
      if (!altered) continue
      done += 1
      if ('before' in altered) before[index] = altered.before
      if ('after' in altered) after[index] = altered.after
    }
    return { ...event, before, after }
  })
  return done > 0 ? { ...recorded, events } : undefined
}

/** Seeds that are looked through for a run in which something can be altered. */
const SEEDS = Array.from({ length: 60 }, (_, at) => at + 1)

/** The first calm run with what is wanted; a breach that nothing can be found for is a defect of its test. */
export async function firstWith(find: (recorded: Recorded) => Recorded | undefined): Promise<Recorded> {
  for (const seed of SEEDS) {
    const found = find(await record(seed, 'calm'))
    if (found) return found
  }
  throw new Error('no calm run has what this breach is made of')
}
