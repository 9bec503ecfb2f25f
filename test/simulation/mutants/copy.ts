import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { changed } from './mutant.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a simulation is made of. */
const PARTS = ['package.json', 'lib', 'infra', 'test/simulation', 'test/support']

/** The sources of the project by their names, with the mutant's changes made. */
export async function changedSources(mutant: Mutant): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>()
  for (const change of mutant.changes) {
    const source = sources.get(change.file) ?? (await readFile(join(ROOT, change.file), 'utf8'))
    sources.set(change.file, changed(source, change))
  }
  return sources
}

/** Runs something in a copy of the project; the copy is gone afterwards, whatever happened. */
export async function inCopy<T>(
  sources: ReadonlyMap<string, string>,
  run: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'drydock-mutant-'))
  try {
    for (const part of PARTS) await cp(join(ROOT, part), join(directory, part), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    for (const [file, source] of sources) await writeFile(join(directory, file), source)
    return await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
