import type { Catalogue } from '../../../../lib/app/config/read-config.ts'
import type { HostChange } from '../../../../lib/app/fleet/change-host.ts'
import type { Ports } from '../../../../lib/app/ports/ports.ts'
import type { Cause } from '../../../../lib/domain/step.ts'
import type { Random } from '../../kernel/random.ts'

/** One thing that an operator does. */
export type Act = (scene: Scene) => Promise<void>

/** What operators know and can do. */
export interface Scene {
  readonly random: Random
  /** What they declared in the beginning. */
  readonly first: Catalogue
  /** What they want to be there now. */
  wanted: Catalogue
  /** One request: nobody says whether it came to its end. */
  readonly request: (what: string, work: (ports: Ports) => Promise<unknown>) => Promise<void>
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly now: () => number
}

/** What is destroyed does not come back: the API changes only these. */
export const LASTING: NonNullable<HostChange['from']> = ['active', 'draining', 'quarantined', 'disabled']

export const by = ({ now }: Pick<Scene, 'now'>): Cause => ({ now: now(), actor: 'operator' })
