import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../../support/hosts/open-hosts.ts'
import type { SampleRepository } from '../../support/hosts/repositories.ts'

/** Every entry below a directory but its own `.git`: type, mode, name, where it links to, and its bytes. */
export function treeOf(directory: string): Record<string, string> {
  const listed = execFileSync(
    'find',
    ['.', '-mindepth', '1', '-path', './.git', '-prune', '-o', '-printf', '%y %m %n\\t%l\\t%P\\0'],
    {
      cwd: directory,
      encoding: 'utf8',
    },
  )
  const entries = listed
    .split('\0')
    .filter(Boolean)
    .map((line) => line.split('\t'))
  return Object.fromEntries(
    entries.map(([kind = '', link = '', ...name]): [string, string] => {
      const path = name.join('\t')
      const bytes = kind.startsWith('f') ? readFileSync(join(directory, path), 'latin1') : ''
      // How many links a directory has says only how many directories it holds.
      return [path, `${kind.startsWith('d') ? kind.replace(/ \d+$/, '') : kind} ${link} ${bytes}`]
    }),
  )
}

/** The same commit by git's own means, in a new clone. */
export function cloneOf(repository: SampleRepository, commit: string): Record<string, string> {
  const directory = temporaryDirectory()
  repository.git('clone', '-q', '--no-checkout', repository.directory, directory)
  execFileSync('sh', ['-c', 'umask 022; git checkout -q "$1"', 'sh', commit], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    },
  })
  const tree = treeOf(directory)
  rmSync(directory, { recursive: true })
  return tree
}

export function gitDirectoryOf(copy: string): unknown {
  const read = (name: string): string => readFileSync(join(copy, '.git', name), 'utf8')
  const listed = execFileSync('find', ['.git', '-mindepth', '1', '-printf', '%P\\n'], {
    cwd: copy,
    encoding: 'utf8',
  })
  return {
    head: read('HEAD'),
    config: read('config'),
    alternates: read('objects/info/alternates'),
    entries: listed
      .trim()
      .split('\n')
      .map((name) => name.replace('objects/info/', 'info/'))
      .toSorted(),
  }
}
