import type { WorkingCopyBlueprint } from '../../domain/catalogue.ts'
import type { CheckedOut, Checkout } from '../../domain/lease.ts'
import { isRef } from '../../domain/landing/refs.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import { quarrelOf } from '../../domain/collection.ts'
import type { Ports } from '../ports/ports.ts'
import { repositoryOf } from '../store/catalogue-item.ts'
import { repositoryKey } from '../store/keys.ts'
import { unknownName } from './unknown-name.ts'

/** What is asked to be checked out; in a collection each has its directory, else there is one. */
export interface CheckoutDemand {
  readonly repository: string
  readonly commit?: string
  readonly directory?: string
  readonly merges?: CheckedOut['merges']
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/** Every repository is registered and allowed, every ref one that git knows, and no directory is in another one's way. */
export async function judgeCheckout(
  ports: Pick<Ports, 'table'>,
  blueprint: WorkingCopyBlueprint,
  demands: readonly CheckoutDemand[],
): Promise<Result<Checkout>> {
  const quarrel = quarrelOf(demands)
  if (quarrel !== undefined) return refuse('bad_collection', quarrel)
  const refs = demands.flatMap(({ commit, merges = [] }) => [
    ...(commit === undefined ? [] : [commit]),
    ...merges.map(({ ref }) => ref),
  ])
  const bad = refs.find((ref) => !COMMIT.test(ref) && !isRef(ref))
  if (bad !== undefined) return refuse('bad_ref', `${bad} is no commit id, branch, tag or ref.`)
  const items = await ports.table.getAll(demands.map(({ repository }) => repositoryKey(repository)))
  const parts: CheckedOut[] = []
  for (const [index, { repository: name, commit, directory, merges }] of demands.entries()) {
    const item = items[index]
    if (!item) return unknownName(ports, 'unknown_repository', 'repository', name)
    if (blueprint.repositories && !blueprint.repositories.includes(name)) {
      return refuse('not_authorized', `Blueprint ${blueprint.name} does not allow repository ${name}.`, {
        hints: { allowed: blueprint.repositories },
      })
    }
    parts.push({
      repository: name,
      commit: commit ?? repositoryOf(item).defaultBranch,
      ...(directory === undefined ? {} : { directory }),
      ...(merges && merges.length > 0 ? { merges } : {}),
    })
  }
  const [first, ...beside] = parts
  if (!first) throw new Error('nothing is to be checked out')
  return ok(beside.length === 0 ? first : { ...first, beside })
}
