import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Commits of the example repository, oldest first; each adds a chapter and says so in the index. */
const CHAPTERS = ['hull', 'keel', 'ribs', 'planks', 'deck', 'mast', 'rigging', 'sails'] as const

/**
 * A small real git repository (bare, branch `main`) in that directory, made where it is missing: one `git fast-import`
 * with fixed authors and times, so that its commit ids are the same everywhere.
 */
export function ensureExampleRepository(directory: string): string {
  if (existsSync(directory)) return directory
  mkdirSync(dirname(directory), { recursive: true })
  const made = `${directory}.new-${process.pid}`
  git(['init', '--bare', '--quiet', '--template=', '--initial-branch=main', made])
  git(['-C', made, 'fast-import', '--quiet'], history())
  if (existsSync(directory)) rmSync(made, { recursive: true })
  else renameSync(made, directory)
  return directory
}

/** Commit ids of a local repository's branch, newest first. */
export function commitsOf(repository: string, branch = 'HEAD'): readonly string[] {
  return git(['-C', repository, 'rev-list', '--max-count=500', branch, '--'])
    .trim()
    .split('\n')
    .filter(Boolean)
}

export interface Source {
  readonly url: string
  readonly defaultBranch: string
  /** Some of its commits, no two the same. */
  readonly commits: readonly string[]
}

/** What there is to lease in a repository of the user's own: a path, or a URL that git can read without asking. */
export function openSource(pathOrUrl: string): Source {
  const local = existsSync(pathOrUrl)
  const url = local ? pathToFileURL(resolve(pathOrUrl)).href : pathOrUrl
  const lines = git(['ls-remote', '--symref', '--', url]).split('\n')
  const head = lines.find((line) => line.startsWith('ref: '))
  const defaultBranch = head?.split(/\s/)[1]?.replace('refs/heads/', '') ?? 'main'
  const advertised = lines.flatMap((line) =>
    /^[0-9a-f]{40,64}\trefs\/heads\//.test(line) ? [line.split('\t')[0] ?? ''] : [],
  )
  const commits = local ? commitsOf(pathOrUrl) : [...new Set(advertised)]
  if (commits.length === 0) throw new Error(`no commits to lease in ${pathOrUrl}`)
  return { url, defaultBranch, commits }
}

function history(): string {
  const commands = CHAPTERS.flatMap((chapter, index) => {
    const written = CHAPTERS.slice(0, index + 1)
    const message = `Build the ${chapter}`
    return [
      'commit refs/heads/main',
      `mark :${index + 1}`,
      `committer A Shipwright <shipwright@example.com> ${1_700_000_000 + index * 3_600} +0000`,
      data(message),
      ...(index === 0 ? [] : [`from :${index}`]),
      'M 100644 inline README.md',
      data(`# A ship\n\n${written.map((name) => `- [${name}](parts/${name}.md)`).join('\n')}\n`),
      `M 100644 inline parts/${chapter}.md`,
      data(`# The ${chapter}\n\nPart ${index + 1} of ${CHAPTERS.length}.\n`),
      'M 100755 inline build.sh',
      data(`#!/bin/sh\nset -eu\nfor part in parts/*.md; do echo "built $part"; done\n`),
    ]
  })
  return `${commands.join('\n')}\ndone\n`
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`

function git(args: readonly string[], input?: string): string {
  const { GIT_DIR: _, GIT_WORK_TREE: _tree, ...inherited } = process.env
  const env = { ...inherited, GIT_TERMINAL_PROMPT: '0' }
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    encoding: 'utf8',
    env,
    input,
    maxBuffer: 2 ** 28,
  })
  if (error || status !== 0) throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}
