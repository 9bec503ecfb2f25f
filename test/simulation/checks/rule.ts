import type { CommitEvent, Conditions, Final, ReadEvent } from '../watch.ts'
import type { Item } from '../../../lib/app/ports/table.ts'
import type { Entity } from './entity.ts'
import type { Shadow } from './shadow.ts'

/** One promise, told in a sentence that is printed when it is broken. */
export interface Rule {
  readonly says: string
  /** Looks at what one commit touched, after it; answers what is wrong. */
  committed?(commit: Commit): Iterable<string>
  /** Takes note of a commit; what is wrong is told in the end. */
  follow?(commit: Commit): void
  read?(read: ReadEvent): void
  /** Looks at the world after the run. */
  ended?(final: Final): Iterable<string>
  /** How often it had something to judge, so that it is seen to bite. */
  counts?(): Readonly<Record<string, number>>
}

export type CreateRule = (scene: Scene) => Rule

/** What all rules share. */
export interface Scene {
  readonly shadow: Shadow
  readonly conditions: Conditions
}

/** A commit with what it changed, and whom that concerns. */
export interface Commit extends Pick<CommitEvent, 'at' | 'sequence' | 'process'> {
  readonly changes: readonly Change[]
  readonly leases: ReadonlySet<string>
  readonly slots: ReadonlySet<string>
  readonly pools: ReadonlySet<string>
}

export interface Change<E extends Entity = Entity> {
  readonly of: E
  readonly before: Item | undefined
  readonly after: Item | undefined
}

export type EntityOf<K extends Entity['kind']> = Extract<Entity, { readonly kind: K }>

/** The changes of one kind of item. */
export const changesOf = <K extends Entity['kind']>(
  commit: Pick<Commit, 'changes'>,
  kind: K,
): readonly Change<EntityOf<K>>[] =>
  commit.changes.filter((change): change is Change<EntityOf<K>> => change.of.kind === kind)
