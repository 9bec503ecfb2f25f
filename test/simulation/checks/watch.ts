import type { CommitEvent, Conditions, CreateWatch, Final, ReadEvent, Watch } from '../watch.ts'
import { commitOf } from './commit.ts'
import type { CreateRule, Rule } from './rule.ts'
import { RULES } from './rules.ts'
import { createShadow } from './shadow.ts'

/** The rules of the design over everything that happens to the table, told without knowing how it is done. */
export interface Checks extends Watch {
  /** What the rules had to judge, so that it is seen that they bite. */
  counts(): Readonly<Record<string, number>>
}

/** Of one rule so many breaches are told in full. */
const TOLD = 3

export function createChecks(conditions: Conditions, rules: readonly CreateRule[] = RULES): Checks {
  const shadow = createShadow()
  const made = rules.map((create) => create({ shadow, conditions }))
  const broken = new Map<Rule, string[]>()
  let start: number | undefined

  function note(
    rule: Rule,
    what: string,
    event: Pick<CommitEvent, 'at' | 'sequence' | 'process'> | undefined,
  ): void {
    const where = event
      ? ` [${event.process}, +${(event.at - (start ?? event.at)) / 1_000} s, #${event.sequence}]`
      : ''
    const told = broken.get(rule) ?? []
    broken.set(rule, [...told, `${rule.says}: ${what}${where}`])
  }

  return {
    committed: (event: CommitEvent) => {
      start ??= event.at
      const commit = commitOf(event)
      if (commit.changes.length === 0) return
      shadow.apply(commit)
      for (const rule of made) {
        rule.follow?.(commit)
        for (const what of rule.committed?.(commit) ?? []) note(rule, what, event)
      }
    },
    read: (event: ReadEvent) => {
      for (const rule of made) rule.read?.(event)
    },
    verdict: (final: Final) => {
      for (const rule of made) for (const what of rule.ended?.(final) ?? []) note(rule, what, undefined)
      return [...broken].flatMap(([rule, told]) =>
        told.length > TOLD
          ? [...told.slice(0, TOLD), `${rule.says}: and ${told.length - TOLD} times more`]
          : told,
      )
    },
    counts: () => Object.assign({}, ...made.map((rule) => rule.counts?.() ?? {})) as Record<string, number>,
  }
}

export const createWatch: CreateWatch = (conditions) => createChecks(conditions)
