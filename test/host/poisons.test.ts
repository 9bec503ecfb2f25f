import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkOut } from '../support/hosts/checkouts.ts'
import { runScript } from '../support/hosts/commands.ts'
import { freshSlot, type OpenHosts, temporaryDirectory, valueOf } from '../support/hosts/open-hosts.ts'
import { createRepository, type SampleRepository } from '../support/hosts/repositories.ts'
import { openShellHost } from '../support/hosts/shell.ts'

let host: OpenHosts
let repository: SampleRepository
let first: string
let second: string
let outside: string
beforeAll(() => {
  host = openShellHost()
  outside = temporaryDirectory()
  repository = createRepository()
  first = repository.commit({
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
  repository.git('update-index', '--add', '--cacheinfo', `160000,${first},module`)
  repository.git('commit', '-q', '-m', 'a submodule')
  first = repository.git('rev-parse', 'HEAD')
  repository.git('clone', '-q', '.', 'module') // so that `add -A` keeps the submodule
  repository.git('-C', 'module', 'checkout', '-q', `${first}~1`)
  second = repository.commit({
    'a.txt': 'another\n',
    'dir/c.txt': null,
    dir: 'a file now\n',
    link: 'no link now\n',
  })
  repository.git('rm', '-r', '-q', '--cached', 'b.txt')
  rmSync(join(repository.directory, 'module'), { recursive: true })
})
afterAll(async () => {
  await host.close()
  repository.close()
  rmSync(outside, { recursive: true, force: true })
})

/** What a job may leave in its working copy; `$outside` is a directory that is none of its business. */
const poisons: readonly (readonly [name: string, script: string])[] = [
  ['nothing at all', ':'],
  [
    'edited, added and deleted files',
    'echo x >> a.txt; echo new > new.txt; rm b.txt; git add -A; git commit -qm mine',
  ],
  ['skip-worktree with edits', 'git update-index --skip-worktree a.txt b.txt; echo evil > a.txt; rm b.txt'],
  ['assume-unchanged with edits', 'git update-index --assume-unchanged a.txt; echo evil > a.txt'],
  [
    'edits of the same size and time',
    'touch -r a.txt ref; printf "eno\\ntwo\\n" > a.txt; touch -r ref a.txt; rm ref',
  ],
  [
    'a replaced blob',
    'git replace "$(git rev-parse HEAD:a.txt)" "$(echo evil | git hash-object -w --stdin)"; cp b.txt a.txt',
  ],
  ['a replaced commit', 'git replace HEAD "$(git commit-tree -m x "$(git write-tree)")"; git replace --list'],
  [
    'a forged object',
    `o=.git/objects/$(git rev-parse HEAD:a.txt | sed 's|^..|&/|'); mkdir -p "\${o%/*}"; cp b.txt "$o"; cp b.txt a.txt`,
  ],
  [
    'hooks',
    'mkdir -p .git/hooks; for h in post-checkout post-index-change reference-transaction; do printf "#!/bin/sh\\ntouch $outside/$h\\n" > .git/hooks/$h; chmod +x .git/hooks/$h; done',
  ],
  [
    'core.hooksPath',
    'mkdir hooks; printf "#!/bin/sh\\ntouch $outside/hook\\n" > hooks/post-index-change; chmod +x hooks/*; git config core.hooksPath "$PWD/hooks"',
  ],
  [
    'core.fsmonitor',
    'printf "#!/bin/sh\\ntouch $outside/monitor\\n" > monitor; chmod +x monitor; git config core.fsmonitor "$PWD/monitor"',
  ],
  [
    'a filter driver',
    'git config filter.evil.smudge "touch $outside/filter; echo evil"; git config filter.evil.clean cat; echo "* filter=evil" > .git/info/attributes || { mkdir -p .git/info; echo "* filter=evil" > .git/info/attributes; }; cp .git/info/attributes dir/.gitattributes',
  ],
  ['core.worktree pointing outside', 'git config core.worktree "$outside"'],
  ['url.insteadOf', 'git config url."/nowhere/".insteadOf "/"; echo evil > a.txt'],
  ['core.autocrlf', 'git config core.autocrlf true; printf "one\\r\\ntwo\\r\\n" > a.txt'],
  ['CRLF under text=auto', 'printf "one\\r\\ntwo\\r\\n" > a.txt; git status --porcelain'],
  [
    'an untracked .gitattributes',
    'mkdir sub; echo "* text eol=crlf" > sub/.gitattributes; rm .gitattributes; echo "* text eol=crlf" > dir/deep/.gitattributes',
  ],
  [
    'an edited .gitattributes',
    'echo "* text eol=crlf" > .gitattributes; printf "one\\r\\ntwo\\r\\n" > a.txt',
  ],
  [
    'info/exclude and untracked files',
    'mkdir -p .git/info; echo "*" > .git/info/exclude; echo secret > secret; mkdir -p x/y; echo z > x/y/z',
  ],
  [
    'ignored files',
    'mkdir ignored; echo x > ignored/x; echo y > build.log; mkdir -p dir/ignored; echo z > dir/ignored/z',
  ],
  ['empty directories', 'mkdir -p empty/er dir/empty ignored'],
  ['sparse-checkout', 'git sparse-checkout set dir 2>/dev/null; git sparse-checkout list'],
  ['a stale index.lock', 'touch .git/index.lock .git/HEAD.lock .git/config.lock'],
  [
    'a nested repository',
    'git init -q nested; echo x > nested/x; git -C nested add x; git -C nested -c user.name=a -c user.email=a commit -qm x',
  ],
  ['a nested .git in a tracked directory', 'rm -rf dir/deep/.git; git init -q dir/deep; echo x > dir/deep/x'],
  ['a .git file in a tracked directory', 'echo "gitdir: $outside" > dir/.git; echo x > dir/x'],
  ['files in a submodule’s directory', 'mkdir -p module/x; echo x > module/x/y; echo x > module/.hidden'],
  ['a repository in a submodule’s directory', 'git init -q module; echo x > module/x'],
  ['a symlinked directory', 'cp -r dir/. "$outside"; rm -rf dir; ln -s "$outside" dir'],
  ['a tracked file behind a link', 'mv a.txt "$outside/a"; ln -s "$outside/a" a.txt'],
  ['a tracked link as a file with the same bytes', 'rm link; printf a.txt > link'],
  ['a tracked link to somewhere else', 'ln -sfn "$outside" link-to-dir'],
  ['hard links', 'ln a.txt "$TMPDIR/hard"; ln b.txt b2.txt'],
  ['read-only directories', 'mkdir -p keep/out; touch keep/out/x; chmod 500 keep/out keep dir dir/deep .'],
  [
    'unreadable files and directories',
    'chmod 0 a.txt; mkdir closed; touch closed/x; chmod 0 closed dir/deep',
  ],
  ['odd modes', 'chmod 666 a.txt; chmod 4755 run.sh; chmod 755 b.txt; chmod 777 dir; chmod 2755 dir/deep'],
  ['a pipe and a socket', 'mkfifo pipe; rm b.txt; mkfifo b.txt'],
  [
    'names that git quotes',
    'touch "new\nline" "quo\\"te2.txt"; mkdir "bad\\\\dir"; echo x >> "odd\\\\dir/e.txt"; echo x > "quo\\"te.txt"',
  ],
  ['a file where a directory was', 'rm -rf dir; echo file > dir'],
  ['a directory where a file was', 'rm a.txt; mkdir a.txt; echo x > a.txt/x'],
  ['no .git', 'rm -rf .git'],
  ['a .git that is a file', 'rm -rf .git; echo "gitdir: $outside" > .git'],
  ['a .git that is a link', 'mv .git "$outside/git"; ln -s "$outside/git" .git'],
  ['a copy that is a link', 'p=$PWD; cd ..; mv "$p" "$p.moved"; ln -s "$outside" "$p"'],
  ['a copy that is a file', 'p=$PWD; cd ..; rm -rf "$p"; echo x > "$p"'],
  ['a read-only .git', 'chmod -R a-w .git'],
  ['an ident line that was changed by hand', 'echo "\\$Id: evil \\$" > version.id'],
]

test.each(poisons)('the next lease gets exactly its commit after %s', async (_name, script) => {
  const at = await freshSlot(host)
  rmSync(outside, { recursive: true, force: true })
  execFileSync('mkdir', [outside])
  valueOf(await host.hosts.open(host.target, at(1)))
  const { path } = await checkOut(host, at(1), repository, first)
  await runScript(host, at(1), 1, `outside='${outside}'; ${script}`)
  const before = treeOf(outside)

  const copies: Record<string, unknown> = {}
  for (const [epoch, commit] of [
    [2, first],
    [3, second],
  ] as const) {
    valueOf(await host.hosts.close(host.target, at(epoch - 1)))
    valueOf(await host.hosts.open(host.target, at(epoch)))
    const receipt = await checkOut(host, at(epoch), repository, commit)
    expect(receipt).toMatchObject({ commit, path, tree: repository.git('rev-parse', `${commit}^{tree}`) })
    copies[`${epoch}`] = treeOf(path)
  }

  expect(copies).toEqual({ '2': cloneOf(first), '3': cloneOf(second) })
  expect(treeOf(outside)).toEqual(before)
  expect(gitDirectoryOf(path)).toEqual({
    head: `${second}\n`,
    config:
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n',
    alternates: `${host.target.directory}/mirrors/sample.git/objects\n`,
    entries: [
      'HEAD',
      'config',
      'index',
      'info/alternates',
      'objects',
      'objects/info',
      'objects/pack',
      'refs',
      'refs/heads',
    ],
  })
  await host.hosts.close(host.target, at(3))
})

/** Every entry below a directory but its own `.git`: type, mode, name, where it links to, and its bytes. */
function treeOf(directory: string): Record<string, string> {
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

const clones = new Map<string, Record<string, string>>()

/** The same commit by git's own means, in a new clone. */
function cloneOf(commit: string): Record<string, string> {
  const known = clones.get(commit)
  if (known) return known
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
  clones.set(commit, tree)
  return tree
}

function gitDirectoryOf(copy: string): unknown {
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
