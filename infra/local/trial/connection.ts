import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the CLI needs to reach this installation; it looks for it where the project is. */
export interface Connection {
  readonly url: string
  readonly token: string
  readonly blueprint: string
}

const fileIn = (root: string): string => join(root, '.drydock', 'local.json')

export function announce(root: string, connection: Connection): void {
  mkdirSync(join(root, '.drydock'), { recursive: true })
  const written = `${fileIn(root)}.${process.pid}`
  writeFileSync(written, JSON.stringify(connection), { mode: 0o600 })
  renameSync(written, fileIn(root))
}

export const forget = (root: string): void => rmSync(fileIn(root), { force: true })
