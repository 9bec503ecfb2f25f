import type { Row } from './measure.ts'
import type { Grid } from './report.ts'
import type { World } from './world.ts'

export interface Bench {
  /** How often each thing is measured where a scenario has no reason for another number. */
  readonly runs: number
  /** A running system at rest, shared by the scenarios that need nothing special. */
  readonly world: () => Promise<World>
}

export interface Scenario {
  readonly title: string
  /** How it is measured, in one or two sentences. */
  readonly how: string
  readonly run: (bench: Bench) => Promise<Outcome>
}

export type Outcome = readonly Row[] | { readonly rows: readonly Row[]; readonly grid: Grid }
