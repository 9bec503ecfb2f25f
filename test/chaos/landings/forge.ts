import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A bare repository with `main`, and a branch for each change that shall be landed on it. */
export interface LandingForge {
  readonly url: string
  readonly start: string
  /** Whole ids, in the order of their numbers. */
  readonly sources: readonly string[]
  /** The commits on `main` since the start, oldest first, with the landings that their trailers name. */
  history(): readonly {
    readonly commit: string
    readonly parents: readonly string[]
    readonly landing: string
  }[]
  /** The bytes of a file at the head of `main`; undefined where there is none. */
  file(path: string): string | undefined
  check(): string
}

/** Every `clashEvery`-th change also writes the same line of one file. */
export const clashes = (number: number, clashEvery: number): boolean => number % clashEvery === 0
export const SHARED = 'shared.txt'
export const ownFile = (number: number): string => `changes/${number}.txt`

const environment = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
}

export function createLandingForge(directory: string, changes: number, clashEvery: number): LandingForge {
  const work = join(directory, 'work')
  const bare = join(directory, 'forge.git')
  mkdirSync(join(work, 'changes'), { recursive: true })
  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('git', args, { cwd, env: environment, encoding: 'utf8' }).trim()
  const commit = (message: string): string => {
    git(work, 'add', '-A')
    git(work, 'commit', '-q', '-m', message)
    return git(work, 'rev-parse', 'HEAD')
  }
  git(work, 'init', '-q', '-b', 'main')
  writeFileSync(join(work, SHARED), 'nobody\n')
  const start = commit('start')
  const sources = Array.from({ length: changes }, (_, number) => {
    git(work, 'checkout', '-q', '-B', `change-${number}`, start)
    mkdirSync(join(work, 'changes'), { recursive: true })
    writeFileSync(join(work, ownFile(number)), `${number}\n`)
    if (clashes(number, clashEvery)) writeFileSync(join(work, SHARED), `${number}\n`)
    return commit(`change ${number}`)
  })
  git(directory, 'clone', '-q', '--bare', work, bare)
  const format = '%H|%P|%(trailers:key=Drydock-Landing,valueonly,separator=%x2C)'
  return {
    url: pathToFileURL(bare).href,
    start,
    sources,
    history: () =>
      git(bare, 'log', '--reverse', `--format=${format}`, `${start}..main`)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [id = '', parents = '', landing = ''] = line.split('|')
          return { commit: id, parents: parents.split(' '), landing }
        }),
    file: (path) => {
      try {
        return execFileSync('git', ['show', `main:${path}`], {
          cwd: bare,
          env: environment,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        })
      } catch {
        return undefined
      }
    },
    check: () => git(bare, 'fsck', '--strict'),
  }
}
