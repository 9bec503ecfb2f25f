import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openScratch } from '../../infra/local/trial/scratch.ts'
import { createClient } from '../../lib/client/api.ts'
import { waitForActive } from '../../lib/client/wait.ts'
import { violationsOf } from '../chaos/checks/verdict.ts'
import { restarts } from '../chaos/restart/restart.ts'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import { eventually } from './support/observe.ts'

describe('an orderly restart', () => {
  let scratch: ReturnType<typeof openScratch>
  let here: Installation
  const start = async (more: { readonly port?: number; readonly fresh?: boolean } = {}) =>
    openInstallation({ data: join(scratch.directory, 'data'), hosts: ['alpha'], slots: 1, ...more })
  beforeEach(async () => {
    scratch = openScratch()
    here = await start()
  })
  afterEach(async () => {
    try {
      await here?.close()
    } finally {
      scratch.remove()
    }
  })

  /** As Ctrl-C and a new `npm start` on the same address do it. */
  async function restart(): Promise<void> {
    const port = Number(new URL(here.served.url).port)
    await here.stop()
    here = await start({ port, fresh: false })
  }

  test('an active lease is as usable after a restart as before', async () => {
    const held = await activeLease(here.client)
    await run(here.client, held, ['sh', '-c', 'echo kept >note'])

    await restart()

    const renewed = await here.client.renewLease({ id: held.id, body: {} }, held)
    const worked = await run(here.client, held, ['cat', 'note'])
    await release(here.client, held)
    const ended = await destroyed(here.client, held.id)
    expect(renewed).toMatchObject({ status: 'active', epoch: held.lease.epoch })
    expect(Date.parse(renewed.expiresAt ?? '')).toBeGreaterThan(Date.parse(held.lease.expiresAt ?? ''))
    expect(worked).toMatchObject({ exitCode: 0, stdout: 'kept\n' })
    expect(ended).toMatchObject({ reason: 'released' })
  })

  test('a command that ran is lost, and says so; the lease goes on', async () => {
    const held = await activeLease(here.client)
    const argv = ['sh', '-c', 'echo begun; exec sleep 7200']
    const { number } = await here.client.runCommand({ id: held.id, body: { argv } }, held)
    await eventually('it has put something out', async () => {
      const output = await here.client.commandOutput({ id: held.id, number, wait: 1 }, held)
      return output.next > 0
    })

    await restart()

    const command = await here.client.getCommand({ id: held.id, number, wait: 20 }, held)
    const next = await run(here.client, held, ['echo', 'on'])
    await release(here.client, held)
    expect(command).toMatchObject({ status: 'ended', cause: 'lost' })
    expect(next).toMatchObject({ stdout: 'on\n' })
  })

  test('who waits keeps the place, the token and the line over a restart', async () => {
    const holder = await activeLease(here.client)
    const idempotencyKey = randomUUID()
    const body = { blueprint: POOL, note: 'waits' }
    const asked = await here.client.createLease({ body }, { idempotencyKey })
    const patient = createClient({ url: here.served.url, token: here.served.token })
    const active = waitForActive(patient, asked.id, { token: asked.token })

    await restart()

    const replayed = await patient.createLease({ body }, { idempotencyKey })
    const waiting = await patient.getLease({ id: asked.id })
    await release(here.client, holder)
    const { lease } = await active
    await release(here.client, asked)
    const events = await timeline(here.client, asked.id)
    expect(replayed).toMatchObject({ id: asked.id, token: asked.token })
    expect(waiting).toMatchObject({ status: 'pending', waiting: { position: 1 } })
    expect(lease).toMatchObject({ status: 'active', slot: holder.lease.slot })
    expect(events[1]).toMatchObject({ type: 'acquired', cause: `handed over by ${holder.id}` })
  })
})

/** The small edition of `npm run chaos -- --only restart`. */
test('every lease reaches its end, and every slot is free, when the whole stack is killed in the middle', async () => {
  const times = 2
  const leases = 6

  const found = await restarts({
    seed: 3,
    leases,
    slots: 4,
    times,
    lastAlone: false,
    sweepEvery: 2_000,
    lateAfter: 3_000,
  })

  const alive = found.times.map(({ living }) => living)
  const verdicts = found.times.map(({ verdict }) => verdict)
  expect(Math.max(...alive)).toBeGreaterThan(0)
  expect(verdicts.flatMap(violationsOf)).toEqual([])
  expect(verdicts.at(-1)?.reasons).toEqual({ released: times * leases })
  expect(found.left).toEqual([])
}, 240_000)
