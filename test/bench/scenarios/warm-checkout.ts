import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { streamOutput } from '../../../lib/client/follow.ts'
import type { Client } from '../../../lib/client/api.ts'
import { seededFraction } from '../../support/seeded.ts'
import { instantOf, release, take, timelineOf } from '../leases.ts'
import type { Taken } from '../leases.ts'
import { quantile, row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'
import { LARGE, SINGLE_COPIES } from '../world.ts'

/** What somebody types who wants such a copy in a directory that another job has used, and proof of it. */
const TYPED = `set -e
rm -rf .git
git init -q --template=
mkdir -p .git/objects/info
echo "$1/objects" >.git/objects/info/alternates
git update-ref --no-deref HEAD "$2"
git read-tree "$2"
git clean -ffdxq
find . -path ./.git -prune -o -type f -print | git hash-object --no-filters --stdin-paths >/dev/null
git update-index -q --refresh || :
git checkout-index -q -f -a -u
git write-tree
git status --porcelain --ignored --untracked-files=all`

export const warmCheckout: Scenario = {
  title: 'A warm checkout through a lease, and the same git steps typed',
  how: 'In pairs: a lease on the only slot of its host gets another of 30 commits of a repository with 2,000 files and runs a command, so that no index is kept for the next one; then the same git steps are run by hand in a directory that had the same commits. The ratio is that of each pair.',
  run: async ({ runs, world }) => {
    const opened = await world()
    const { client, commits, repository } = opened
    const directory = mkdtempSync(join(tmpdir(), 'drydock-typed-'))
    const random = seededFraction(13)
    const another = () => commits[Math.floor(random() * commits.length)] ?? 'main'
    try {
      const pair = async () => {
        const commit = another()
        const taken = await take(client, { blueprint: SINGLE_COPIES, repository: LARGE, commit })
        await useIt(client, taken)
        await release(client, taken)
        const timeline = await timelineOf(client, taken)
        await settle(client)
        const onHost = taken.lease.receipt?.milliseconds ?? Number.NaN
        const lease = instantOf(timeline, 'activated') - instantOf(timeline, 'created')
        return { onHost, lease, typed: type(directory, repository, commit, taken) }
      }
      await pair() // makes both directories warm
      const pairs: Awaited<ReturnType<typeof pair>>[] = []
      for (let run = 0; run < runs; run++) pairs.push(await pair())
      const ratios = pairs.map(({ onHost, typed }) => onHost / typed)
      return [
        row(
          'checkout through the lease, on its host',
          pairs.map(({ onHost }) => onHost),
        ),
        row(
          'the same git steps, typed',
          pairs.map(({ typed }) => typed),
        ),
        {
          what: 'ratio of a pair',
          unit: 'times',
          runs,
          p50: Number(quantile(ratios, 0.5).toFixed(2)),
          p95: Number(quantile(ratios, 0.95).toFixed(2)),
          wanted: 'p50 <= 1.3',
        },
        row(
          'the whole way: created -> activated, by the timeline',
          pairs.map(({ lease }) => lease),
        ),
      ]
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

async function useIt(client: Client, { lease, token }: Taken): Promise<void> {
  const { number } = await client.runCommand({ id: lease.id, body: { argv: ['true'] } }, { token })
  const output = streamOutput(client, lease.id, number, { token })
  while (!(await output.next()).done);
}

/** Milliseconds. @throws Error where the steps do not lead to the tree that the lease proved. */
function type(directory: string, repository: string, commit: string, { lease }: Taken): number {
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const began = performance.now()
  const typed = spawnSync('sh', ['-c', TYPED, 'sh', repository, commit], {
    cwd: directory,
    env: environment,
    encoding: 'utf8',
  })
  const ended = performance.now()
  if (typed.stdout !== `${lease.receipt?.tree}\n`) throw new Error(`typed: ${typed.stdout}${typed.stderr}`)
  return Math.round(ended - began)
}
