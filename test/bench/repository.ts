import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { seededFraction } from '../support/seeded.ts'

export const FILES = 2_000
export const COMMITS = 30
const CHANGED = 60

/**
 * A bare repository of some 2,000 source-like files in 100 directories, with 30 commits of which each changes 60 files,
 * where nothing else is asked for, removes two and adds two. The same bytes, and so the same commit ids, at every run.
 */
export function makeLargeRepository(
  directory: string,
  { commits = COMMITS, changed = CHANGED } = {},
): readonly string[] {
  git(['init', '--bare', '--quiet', '--template=', '--initial-branch=main', directory])
  git(['-C', directory, 'fast-import', '--quiet'], history(commits, changed))
  return git(['-C', directory, 'rev-list', '--reverse', 'main', '--']).trim().split('\n')
}

function history(commits: number, changedInEach: number): string {
  const random = seededFraction(20_261_122)
  const parts: string[] = []
  let files = Array.from({ length: FILES }, (_, number) => path(number))
  for (let commit = 0; commit < commits; commit++) {
    const began = 1_700_000_000 + commit * 3_600
    parts.push('commit refs/heads/main', `committer A Shipwright <shipwright@example.com> ${began} +0000`)
    parts.push(data(`Change ${commit}`))
    if (commit === 0) {
      for (const file of files) parts.push(`M 100644 inline ${file}`, data(source(file, commit, random)))
      continue
    }
    const removed = new Set([pick(files, random), pick(files, random)])
    for (const file of removed) parts.push(`D ${file}`)
    const added = [path(FILES + commit * 2), path(FILES + commit * 2 + 1)]
    files = [...files.filter((file) => !removed.has(file)), ...added]
    const changed = new Set([...added, ...Array.from({ length: changedInEach }, () => pick(files, random))])
    for (const file of changed) parts.push(`M 100644 inline ${file}`, data(source(file, commit, random)))
  }
  return `${parts.join('\n')}\ndone\n`
}

const path = (number: number): string => `src/part-${number % 100}/module-${number}.ts`

/** From a few hundred bytes to some ten thousand, most of them small: as sources are. */
function source(file: string, commit: number, random: () => number): string {
  const lines = 8 + Math.floor(200 * random() ** 3)
  const body = Array.from(
    { length: lines },
    (_, line) => `export const value${line} = ${Math.floor(random() * 1e12).toString(36)}n // ${line}`,
  )
  return `// ${file}, change ${commit}\n${body.join('\n')}\n`
}

const pick = (files: readonly string[], random: () => number): string =>
  files[Math.floor(random() * files.length)] ?? ''

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`

export function git(args: readonly string[], input?: string): string {
  const { GIT_DIR: _, GIT_WORK_TREE: _tree, ...environment } = process.env
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 64 * 1_024 * 1_024,
    ...(input === undefined ? {} : { input }),
  })
  if (error || status !== 0) throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}
