import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryDirectory } from './open-hosts.ts'

/** What a path holds in a commit: bytes, a link, or nothing any more. */
export type Content = string | { readonly link: string } | { readonly executable: string } | null

export interface SampleRepository {
  readonly directory: string
  /** Changes those paths and commits; returns the commit's full id. */
  commit(files: Readonly<Record<string, Content>>): string
  git(...args: string[]): string
  close(): void
}

const environment = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
}

/** A real repository with the branch `main`, that a test fills. */
export function createRepository(...options: string[]): SampleRepository {
  const directory = temporaryDirectory()
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: directory, env: environment, encoding: 'utf8' }).trim()
  git('init', '-q', '-b', 'main', ...options)
  return {
    directory,
    git,
    commit: (files) => {
      for (const [path, content] of Object.entries(files)) put(join(directory, path), content)
      git('add', '-A')
      git('commit', '-q', '-m', 'change')
      return git('rev-parse', 'HEAD')
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}

function put(path: string, content: Content): void {
  rmSync(path, { recursive: true, force: true })
  if (content === null) return
  mkdirSync(dirname(path), { recursive: true })
  if (typeof content === 'string') writeFileSync(path, content)
  else if ('link' in content) symlinkSync(content.link, path)
  else writeFileSync(path, content.executable, { mode: 0o755 })
}
