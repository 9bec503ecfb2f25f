import type { Item, Key, Query, Write } from '../../lib/app/ports/table.ts'

/** What a run knew of the installation and of its faults, so that a check knows what it may expect. */
export interface Conditions {
  readonly seed: number
  readonly profile: ProfileName
  /** Virtual milliseconds from which on nothing went wrong any more; 0 where nothing ever did. */
  readonly calmFrom: number
  /** Most that the clocks of two function instances differed, milliseconds. */
  readonly skew: number
}

export type ProfileName = 'calm' | 'weather' | 'deaths' | 'storm'

/** One commit of the table, fed in the order in which they took effect. */
export interface CommitEvent {
  /** Virtual epoch milliseconds, without anybody's skew. */
  readonly at: number
  /** Counts commits and reads together, from 1 on. */
  readonly sequence: number
  /** `name#id` of the invocation, such as `finalize#41`. */
  readonly process: string
  readonly name: 'write' | 'transact'
  readonly writes: readonly Write[]
  /** The item under each write's key before the commit and after it. */
  readonly before: readonly (Item | undefined)[]
  readonly after: readonly (Item | undefined)[]
}

/** One read of the table, at the instant at which it took effect; a getAll is one event for each of its keys. */
export interface ReadEvent {
  readonly at: number
  readonly sequence: number
  readonly process: string
  readonly query?: Query
  readonly key?: Key
}

/** The world after the last process has ended and the last sweep was over. */
export interface Final extends Conditions {
  readonly items: readonly Item[]
  /** Virtual epoch milliseconds. */
  readonly at: number
  /** The sweeps that came to an answer, in the order of their ends. */
  readonly sweeps: readonly SweepRun[]
}

export interface SweepRun {
  readonly startedAt: number
  readonly endedAt: number
  /** No fault struck anything while it was at work: what it should have seen it has seen, and put right. */
  readonly whole: boolean
}

/** Looks at everything that happens to the table and says at the end which rules were broken, as sentences. */
export interface Watch {
  committed(event: CommitEvent): void
  read(event: ReadEvent): void
  verdict(final: Final): readonly string[]
  /** What it had to judge, so that it is seen to bite. */
  counts?(): Readonly<Record<string, number>>
}

export type CreateWatch = (conditions: Conditions) => Watch
