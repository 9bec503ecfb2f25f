import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A new directory `<prefix>-<pid>-...` that its maker removes. Those of the same prefix whose maker was killed before
 * it could are removed first: nobody else ever would, and where they lie in memory they cost it until the next boot.
 */
export function makeScratchDirectory(parent: string, prefix: string): string {
  for (const name of readdirSync(parent)) {
    const place = join(parent, name)
    if (isAbandoned(name, prefix) && isOwn(place))
      rmSync(place, { recursive: true, force: true, maxRetries: 3 })
  }
  return mkdtempSync(join(parent, `${prefix}-${process.pid}-`))
}

function isAbandoned(name: string, prefix: string): boolean {
  if (!name.startsWith(`${prefix}-`)) return false
  const [pid = ''] = name.slice(prefix.length + 1).split('-', 1)
  return /^\d+$/.test(pid) && !isRunning(Number(pid))
}

/** What other users of the machine left is theirs to remove. */
const isOwn = (place: string): boolean =>
  lstatSync(place, { throwIfNoEntry: false })?.uid === process.getuid?.()

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
