import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, timeline } from './support/lease.ts'
import { eventually } from './support/observe.ts'

let here: Installation
beforeAll(async () => {
  here = await openInstallation()
})
afterAll(() => here?.close())

describe('leases that end before they are active', () => {
  test('a wait that is cancelled is over at once; the queue closes up', async () => {
    const holders = await fill()
    const [first, second] = await Promise.all([ask(), ask()])
    await eventually('both wait', async () => (await here.pool()).waiting === 2)

    const cancelled = await release(here.client, first)

    const left = await here.client.getLease({ id: second.id })
    await release(here.client, second)
    await Promise.all(holders.map((held) => release(here.client, held)))
    expect(cancelled).toMatchObject({ status: 'destroyed', reason: 'cancelled' })
    expect(cancelled).not.toHaveProperty('slot')
    expect(left.waiting).toMatchObject({ position: 1 })
  })

  test('a wait that lasts too long ends with wait_timeout, and stays readable', async () => {
    const holders = await fill()
    const { id } = await here.client.createLease({ body: { blueprint: POOL, waitSeconds: 1 } })

    const lease = await destroyed(here.client, id)

    const events = await timeline(here.client, id)
    await Promise.all(holders.map((held) => release(here.client, held)))
    expect(lease).toMatchObject({ reason: 'wait_timeout' })
    expect(events.map(({ type, cause }) => [type, cause])).toEqual([
      ['created', undefined],
      ['destroyed', 'wait deadline'],
    ])
  })
})

const ask = async () => here.client.createLease({ body: { blueprint: POOL } })
const fill = async () => Promise.all([1, 2, 3, 4].map(() => activeLease(here.client)))
