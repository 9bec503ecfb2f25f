import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a tree holds, as one short text: the same for the same contents, whenever they were written. Some hundred small
 * files take a few milliseconds.
 *
 * @param inputs files and directories below `root`; one that is missing counts as missing.
 * @param except directories below `root` that do not count.
 */
export function fingerprint(root: string, inputs: readonly string[], except: readonly string[] = []): string {
  const hash = createHash('sha256')
  for (const input of inputs) add(input)
  return hash.digest('hex').slice(0, 32)

  function add(path: string): void {
    if (except.includes(path)) return
    const stats = statSync(join(root, path), { throwIfNoEntry: false })
    if (stats?.isDirectory()) {
      for (const name of readdirSync(join(root, path)).toSorted()) add(`${path}/${name}`)
    } else if (stats?.isFile()) {
      hash.update(`${path}\0${stats.size}\0`).update(readFileSync(join(root, path)))
    }
  }
}
