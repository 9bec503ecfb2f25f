import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface HostScript {
  readonly text: string
  /** Lower-case hex. A host keeps the script under this name, so that versions live side by side. */
  readonly sha256: string
}

/**
 * Joins the parts of the host script in the order of their names; the verbs of a hot path come first, because a
 * shell reads a script as it goes.
 *
 * The parts are files, so that they can be linted and run as what they are. A bundle has no files of its own: its
 * build copies this directory beside it, as `script`, and makes `import.meta.url` the bundle's own.
 */
export function loadHostScript(
  directory: string = fileURLToPath(new URL('script', import.meta.url)),
): HostScript {
  const parts = readdirSync(directory)
    .filter((name) => name.endsWith('.sh'))
    .toSorted()
  if (parts.length === 0) throw new Error(`no part of the host script in ${directory}`)
  const text = parts.map((name) => readFileSync(join(directory, name), 'utf8')).join('')
  return { text, sha256: createHash('sha256').update(text).digest('hex') }
}
