import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../../lib/client/api.ts'
import type { Build } from '../../../lib/contract/build.ts'
import { seededFraction } from '../../support/seeded.ts'
import { BIG, openBuildWorld } from '../build-world.ts'
import type { BuildWorld } from '../build-world.ts'
import { figure, row } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { settle } from '../settle.ts'

const BUILDS = 200
const HOSTS = ['alpha', 'beta', 'gamma', 'delta']
const SLOTS = 2
/** Between two looks at what has come out, milliseconds. */
const LOOK = 100
const LINES = 2_000

export const builds: Scenario = {
  title: 'Builds of a repository with 2,000 files and 1,000 commits',
  how: `${BUILDS} builds of random commits are asked for at once on ${HOSTS.length} hosts with ${SLOTS} slots each. Each prints its commit, its tree as git computes it from the files, what git finds besides, and ${LINES} numbered lines; all of it is compared byte by byte. First output: seen by a client that looks every ${LOOK} ms. Then one host with one slot, warm: one trivial build after the other, from the request to the slot being free again.`,
  run: async ({ runs }) => [...(await crowd()), ...(await alone(runs))],
}

async function crowd(): Promise<readonly Row[]> {
  const world = await openBuildWorld(HOSTS, SLOTS)
  const random = seededFraction(5)
  try {
    const began = Date.now()
    const asked = await Promise.all(
      Array.from({ length: BUILDS }, async () => {
        const commit = world.commits[Math.floor(random() * world.commits.length)] ?? ''
        const at = Date.now()
        const { id } = await start(world.client, commit, SCRIPT)
        return { id, commit, at }
      }),
    )
    const first = await untilAllEnded(world.client, asked)
    const ended = await Promise.all(
      asked.map(async (one) => ({ ...one, build: await world.client.getBuild({ id: one.id }) })),
    )
    let wrong = 0
    for (const { build, commit } of ended) if (!(await isExact(world, build, commit))) wrong += 1
    const last = Math.max(...ended.map(({ build }) => instant(build.endedAt)))
    return [
      figure('trees or outputs that were not exact', wrong, 'builds', '0'),
      figure(`all ${BUILDS} have ended`, last - began, 'ms'),
      row(
        'request -> first output byte',
        asked.map(({ id, at }) => (first.get(id) ?? Number.NaN) - at),
      ),
      row(
        'request -> result',
        ended.map(({ build, at }) => instant(build.finishedAt) - at),
      ),
      row(
        'of it, with a slot: start -> result',
        ended.map(({ build }) => instant(build.finishedAt) - instant(build.startedAt)),
      ),
      row(
        'result -> slot clean again',
        ended.map(({ build }) => instant(build.endedAt) - instant(build.finishedAt)),
      ),
    ]
  } finally {
    await world.close()
  }
}

async function alone(runs: number): Promise<readonly Row[]> {
  const world = await openBuildWorld(['solo'], 1)
  const random = seededFraction(6)
  const results: number[] = []
  const released: number[] = []
  try {
    for (let run = -3; run < runs; run++) {
      const commit = world.commits[Math.floor(random() * world.commits.length)] ?? ''
      const at = Date.now()
      const { id } = await start(world.client, commit, 'echo built >artifact; cat artifact')
      const build = await world.client.getBuild({ id, wait: 20 })
      if (build.outcome !== 'succeeded')
        throw new Error(`a trivial build has ${build.outcome ?? 'not ended'}`)
      // The first ones make the mirror and the copy.
      if (run >= 0) {
        results.push(instant(build.finishedAt) - at)
        released.push(instant(build.endedAt) - at)
      }
      await settle(world.client)
    }
    return [
      row('one host, warm: request -> clean copy -> trivial build -> result', results),
      row('one host, warm: request -> clean copy -> trivial build -> released', released),
    ]
  } finally {
    await world.close()
  }
}

/** The tree is computed from the bytes that are there, not read from the commit. */
const SCRIPT = `git rev-parse HEAD
rm -f .git/index && git add -A && git write-tree
git status --porcelain --ignored | wc -l
i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "line $i"; done`

const saidFor = (commit: string, tree: string): string =>
  `${commit}\n${tree}\n0\n${Array.from({ length: LINES }, (_, line) => `line ${line + 1}\n`).join('')}`

const start = async (client: Client, commit: string, script: string): Promise<Build> =>
  client.createBuild({ body: { repository: BIG, commit, steps: [{ script }], waitSeconds: 3_600 } })

async function isExact(world: BuildWorld, build: Build, commit: string): Promise<boolean> {
  const tree = world.treeOf(commit)
  if (build.outcome !== 'succeeded' || build.source?.tree !== tree) return false
  let said = ''
  for (let after = 0; ;) {
    const { chunks, next, ended } = await world.client.buildOutput({ id: build.id, after })
    said += chunks.map(({ base64 = '' }) => Buffer.from(base64, 'base64').toString()).join('')
    if (ended) return said === saidFor(commit, tree)
    after = next
  }
}

/** When each was first seen to have said something. Only those that run are looked at: as many as there are slots. */
async function untilAllEnded(
  client: Client,
  asked: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, number>> {
  const first = new Map<string, number>()
  const open = new Set(asked.map(({ id }) => id))
  while (open.size > 0) {
    const states = await statesOf(client)
    await Promise.all(
      [...open].map(async (id) => {
        const status = states.get(id)
        if (status === undefined || status === 'waiting') return
        if (!first.has(id)) {
          const { next } = await client.buildOutput({ id })
          if (next > 0) first.set(id, Date.now())
        }
        if (status === 'ended' && first.has(id)) open.delete(id)
      }),
    )
    await delay(LOOK)
  }
  return first
}

async function statesOf(client: Client): Promise<ReadonlyMap<string, Build['status']>> {
  const states = new Map<string, Build['status']>()
  for (let cursor: string | undefined; ;) {
    const page = await client.listBuilds({ limit: 100, cursor })
    for (const { id, status } of page.builds) states.set(id, status)
    cursor = page.cursor
    if (cursor === undefined) return states
  }
}

const instant = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text))
