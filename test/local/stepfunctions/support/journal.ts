import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path for a journal, removed when the test's scope ends. */
export function journalFile(): Disposable & { readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'stepfunctions-'))
  return {
    path: join(directory, 'journal.db'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
