import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { makeScratchDirectory } from '../processes/leftovers.ts'

const memory = '/dev/shm'

/** A new directory for what need not outlive this process, in memory where the machine allows it. */
export const makeVolatileDirectory = (parent: string = isWritable(memory) ? memory : tmpdir()): string =>
  makeScratchDirectory(parent, 'local-dynamodb')

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
