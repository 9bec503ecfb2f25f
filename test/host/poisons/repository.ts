import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRepository, type SampleRepository } from '../../support/hosts/repositories.ts'

export interface HardRepository extends SampleRepository {
  /** Two commits that differ in what kind of thing a path is. */
  readonly first: string
  readonly second: string
}

/** A repository that has everything that is hard to check out. */
export function createHardRepository(): HardRepository {
  const repository = createRepository()
  const before = repository.commit({
    '.gitattributes': '* text=auto\n*.win text eol=crlf\n*.id ident\n',
    '.gitignore': 'ignored/\n*.log\n',
    'a.txt': 'one\ntwo\n',
    'b.txt': 'three\n',
    'dir/c.txt': 'see\n',
    'dir/deep/d.txt': 'dee\n',
    'dir/.gitattributes': '*.txt -text\n',
    'lines.win': 'one\ntwo\n',
    'version.id': '$Id$\n',
    'run.sh': { executable: '#!/bin/sh\n' },
    link: { link: 'a.txt' },
    'link-to-dir': { link: 'dir' },
    'with space.txt': 'space\n',
    'é.txt': 'accent\n',
    'quo"te.txt': 'quote\n',
    'tab\tand\nline.txt': 'control\n',
    'odd\\dir/e.txt': 'eee\n',
  })
  repository.git('update-index', '--add', '--cacheinfo', `160000,${before},module`)
  repository.git('commit', '-q', '-m', 'a submodule')
  const first = repository.git('rev-parse', 'HEAD')
  repository.git('clone', '-q', '.', 'module') // so that `add -A` keeps the submodule
  repository.git('-C', 'module', 'checkout', '-q', `${first}~1`)
  const second = repository.commit({
    'a.txt': 'another\n',
    'dir/c.txt': null,
    dir: 'a file now\n',
    link: 'no link now\n',
  })
  repository.git('rm', '-r', '-q', '--cached', 'b.txt')
  rmSync(join(repository.directory, 'module'), { recursive: true })
  return { ...repository, first, second }
}
