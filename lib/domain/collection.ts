import type { Checkout } from './lease.ts'
import { partsOf } from './working-copy.ts'

/** Repositories that lie side by side in one lease, and refs that are merged in it. */
export const MOST_REPOSITORIES = 8
export const MOST_MERGES = 8

/** One name, which is nothing special to git, a shell or an option. */
const DIRECTORY = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/

interface Placed {
  readonly repository: string
  readonly directory?: string | undefined
  readonly merges?: readonly unknown[] | undefined
}

/** Why these repositories cannot lie side by side; undefined where they can. A single one without a directory may. */
export function quarrelOf(parts: readonly Placed[]): string | undefined {
  if (parts.length > MOST_REPOSITORIES) return `A lease has at most ${MOST_REPOSITORIES} repositories.`
  const merges = parts.reduce((sum, part) => sum + (part.merges?.length ?? 0), 0)
  if (merges > MOST_MERGES) return `A lease merges at most ${MOST_MERGES} refs.`
  const twice = repeated(parts.map(({ repository }) => repository))
  if (twice !== undefined) return `Repository ${twice} is named twice.`
  const directories = parts.flatMap(({ directory }) => directory ?? [])
  if (parts.length > 1 && directories.length < parts.length) return 'Each repository needs a directory.'
  const bad = directories.find((name) => !isDirectory(name))
  if (bad !== undefined) {
    return `Directory ${bad} is not one name of letters, digits, dots, dashes and underscores.`
  }
  // Some file systems hold `App` and `app` for one.
  const same = repeated(directories.map((name) => name.toLowerCase()))
  return same === undefined ? undefined : `Directory ${same} is there twice.`
}

const isDirectory = (name: string): boolean =>
  DIRECTORY.test(name) && !name.includes('..') && !name.endsWith('.') && !/^git~\d$/i.test(name)

const repeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index)

/** What names a collection: the same repositories in the same directories are the same one, whatever the order. */
export const signatureOf = (checkout: Checkout): string | undefined =>
  checkout.directory === undefined
    ? undefined
    : partsOf(checkout)
        .map(({ repository, directory = '' }) => `${directory}=${repository}`)
        .toSorted()
        .join('\n')
