import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the CLI needs to reach this installation; it looks for it where it is started, then where the project is. */
export interface Connection {
  readonly url: string
  readonly token: string
  readonly blueprint: string
}

const fileIn = (root: string): string => join(root, '.drydock', 'local.json')

export function announce(root: string, connection: Connection): void {
  mkdirSync(join(root, '.drydock'), { recursive: true })
  const written = `${fileIn(root)}.${process.pid}`
  writeFileSync(written, textOf(connection), { mode: 0o600 })
  renameSync(written, fileIn(root))
}

/** Takes back what was announced, unless another installation has announced itself since. */
export function forget(root: string, connection: Connection): void {
  if (readIfThere(fileIn(root)) === textOf(connection)) rmSync(fileIn(root), { force: true })
}

const textOf = (connection: Connection): string => JSON.stringify(connection)

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
