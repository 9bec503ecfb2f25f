import { rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { makeScratchDirectory } from '../processes/leftovers.ts'

const MEMORY = '/dev/shm'
const ENOUGH = 1_073_741_824

/** A directory for this run only, in memory where there is room. */
export function openScratch(): { readonly directory: string; remove(): void } {
  const directory = makeScratchDirectory(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'drydock')
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }) }
}

function hasRoom(place: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(place)
    return bavail * bsize >= ENOUGH
  } catch {
    return false
  }
}
