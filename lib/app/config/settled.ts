import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Outcome } from '../ports/table.ts'

export const settled = (outcome: Outcome, name: string): Result<undefined> =>
  outcome.committed
    ? ok(undefined)
    : refuse('conflict', `${name} was changed by somebody else meanwhile; apply again.`)
