import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { changed } from './mutant.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a simulation is made of. */
const PARTS = ['package.json', 'lib', 'infra', 'test/simulation', 'test/support']

/** The project as it is now: whoever changes it later changes neither the mutants nor the control. */
export interface Base {
  readonly directory: string
  remove(): Promise<void>
}

export async function copyBase(): Promise<Base> {
  const directory = await mkdtemp(join(tmpdir(), 'drydock-mutants-'))
  for (const part of PARTS) await cp(join(ROOT, part), join(directory, part), { recursive: true })
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

/** The sources that the mutant changes, with its changes made. */
export async function changedSources(root: string, mutant: Mutant): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>()
  for (const change of mutant.changes) {
    const source = sources.get(change.file) ?? (await readFile(join(root, change.file), 'utf8'))
    sources.set(change.file, changed(source, change))
  }
  return sources
}

/** Runs something in a copy of the base with other sources in it; the copy is gone afterwards, whatever happened. */
export async function inCopy<T>(
  base: Base,
  sources: ReadonlyMap<string, string>,
  run: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'drydock-mutant-'))
  try {
    await cp(base.directory, directory, { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    for (const [file, source] of sources) await writeFile(join(directory, file), source)
    return await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
