import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInstallation, REPOSITORY, WORKING_COPIES } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import { mentioning } from './support/observe.ts'

/** Seconds that no other process on this machine sleeps. */
const LONG = `6${process.pid}`

let here: Installation
beforeAll(async () => {
  here = await openInstallation({ transport: 'ssm' })
})
afterAll(() => here?.close())

test('a lease on a host over Systems Manager is asked for, used, given back and destroyed', async () => {
  const held = await activeLease(here.client)
  const worked = await run(here.client, held, ['sh', '-c', 'echo out; echo err >&2; exit 3'])
  await release(here.client, held)
  const ended = await destroyed(here.client, held.id)
  const events = await timeline(here.client, held.id)

  expect(worked).toMatchObject({ exitCode: 3, cause: 'exited', stdout: 'out\n', stderr: 'err\n' })
  expect(ended).toMatchObject({ status: 'destroyed', reason: 'released', tries: 0 })
  expect(events.map(({ type }) => type)).toEqual([
    'created',
    'acquired',
    'activated',
    'released',
    'destroyed',
  ])
})

test('a working copy has the tree of its commit', async () => {
  const [commit = ''] = here.repository.commits
  const held = await activeLease(here.client, { blueprint: WORKING_COPIES, repository: REPOSITORY, commit })

  const worked = await run(here.client, held, ['sh', '-c', 'git rev-parse HEAD; git status --porcelain'])
  await release(here.client, held)

  expect(worked).toMatchObject({ exitCode: 0, stdout: `${commit}\n` })
  expect(held.lease.receipt).toMatchObject({ commit })
})

test('output that is larger than many answers comes whole and in order', async () => {
  const held = await activeLease(here.client)

  const worked = await run(here.client, held, ['seq', '1', '20000'])
  await release(here.client, held)

  expect(worked.stdout === Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('')).toBe(true)
})

test('more leases than slots: each has its turn', async () => {
  const leases = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const held = await activeLease(here.client)
      const { stdout } = await run(here.client, held, ['printenv', 'DRYDOCK_LEASE_ID'])
      await release(here.client, held)
      return [held.id, stdout.trim()] as const
    }),
  )

  expect(leases.every(([id, said]) => id === said)).toBe(true)
})

test('what a lease leaves running is gone before its slot is given away', async () => {
  const held = await activeLease(here.client)
  await run(here.client, held, ['sh', '-c', `setsid sleep ${LONG} >/dev/null 2>&1 &`])
  const before = mentioning(`sleep\0${LONG}`)

  await release(here.client, held)
  await destroyed(here.client, held.id)

  expect(before).toHaveLength(1)
  expect(mentioning(`sleep\0${LONG}`)).toEqual([])
})
