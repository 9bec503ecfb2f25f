import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'

/** A running stack reads its code from its assembly for as long as it runs: older ones stay for a while. */
const kept = 5

/**
 * Answers the directory `<directory>/<key>`, made by `make` if it is not there yet. It appears as a whole or not at all;
 * of two processes that make it at once, one result is kept.
 *
 * @param make fills the empty directory that it is given.
 */
export async function cached(
  directory: string,
  key: string,
  make: (directory: string) => Promise<void>,
): Promise<string> {
  const wanted = join(directory, key)
  if (!existsSync(wanted)) {
    mkdirSync(directory, { recursive: true })
    const draft = mkdtempSync(join(directory, '.draft-'))
    try {
      await make(draft)
      publish(draft, wanted)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  const now = new Date()
  utimesSync(wanted, now, now)
  forget(directory)
  return wanted
}

function publish(draft: string, wanted: string): void {
  try {
    renameSync(draft, wanted)
  } catch (error) {
    // Somebody else was faster, with the same contents.
    if (!existsSync(wanted)) throw error
  }
}

function forget(directory: string): void {
  const byUse = readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({
      name,
      usedAt: statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .toSorted((a, b) => b.usedAt - a.usedAt)
  for (const { name } of byUse.slice(kept)) rmSync(join(directory, name), { recursive: true, force: true })
}
