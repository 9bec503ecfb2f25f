import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HardRepository } from '../../host/poisons/repository.ts'
import { treeOf } from '../../host/poisons/trees.ts'
import { removeHost, temporaryDirectory } from '../../support/hosts/open-hosts.ts'
import { sameTree, type Poison } from './round.ts'

/**
 * The control: the same poison in an ordinary clone that is cleaned as CI commonly does, `reset --hard` and
 * `clean -ffdx`, and looked at in the same way.
 */
export function naively(
  repository: HardRepository,
  clone: Readonly<Record<string, string>>,
  [, script]: Poison,
): string {
  const place = temporaryDirectory()
  const [copy, outside] = [join(place, 'copies/sample'), join(place, 'outside')]
  mkdirSync(outside)
  mkdirSync(join(place, 'tmp'))
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: place,
    TMPDIR: join(place, 'tmp'),
  }
  const sh = (text: string, cwd: string) =>
    spawnSync('sh', ['-c', `umask 022; ${text}`], { cwd, env: environment, encoding: 'utf8' })
  const commit = repository.first
  try {
    sh(
      `git clone -q --no-hardlinks --no-checkout '${repository.directory}' '${copy}' && git -C '${copy}' checkout -q ${commit}`,
      place,
    )
    sh(`outside='${outside}'; ${script}`, copy)
    const before = treeOf(outside)
    const cleaned = sh(`git reset -q --hard ${commit} && git clean -q -ffdx`, copy)
    const faults = {
      'git failed': cleaned.status === 0,
      bytes: sameTree(treeIn(copy), clone),
      status: isClean(sh('git status --porcelain --ignored', copy)),
      outside: sameTree(treeOf(outside), before),
    }
    return Object.entries(faults)
      .filter(([, fine]) => !fine)
      .map(([what]) => what)
      .join(', ')
  } finally {
    removeHost(place)
  }
}

const isClean = ({ status, stdout }: { readonly status: number | null; readonly stdout: string }): boolean =>
  status === 0 && stdout === ''

/** Nothing at all where the copy is no directory any more. */
function treeIn(copy: string): Readonly<Record<string, string>> {
  try {
    return treeOf(copy)
  } catch {
    return {}
  }
}
