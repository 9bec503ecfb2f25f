import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
const ownName = /^local-dynamodb-(\d+)-/

/**
 * A new directory for what need not outlive this process, in memory where the machine allows it. Directories
 * that a killed process left behind are removed first: in memory they would cost memory until the next boot.
 */
export function makeVolatileDirectory(parent: string = isWritable(memory) ? memory : tmpdir()): string {
  for (const name of readdirSync(parent)) {
    const pid = Number(ownName.exec(name)?.[1] ?? process.pid)
    if (!isRunning(pid)) rmSync(join(parent, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(parent, `local-dynamodb-${process.pid}-`))
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
