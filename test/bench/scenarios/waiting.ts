import { figure, row } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { createVirtualClient } from '../virtual/client.ts'
import { openInstallation } from '../virtual/installation.ts'
import { createLives } from '../virtual/lives.ts'

const SLOTS = 4
const WAITERS = [0, 100, 1_000]
const MINUTE = 60_000
const TENANT = 'acme'

export const waiting: Scenario = {
  title: 'Waiting on a full pool for an hour',
  how: `In virtual time, as for bursts: ${SLOTS} slots are held, so many leases wait, and the sweep has looked at each once (30 s after it was made). Then an hour passes with a sweep a minute. What clients ask meanwhile is theirs.`,
  run: async () => {
    const rows: Row[] = []
    for (const waiters of WAITERS) rows.push(...(await wait(waiters)))
    return rows
  },
}

async function wait(waiters: number): Promise<readonly Row[]> {
  const lives = createLives()
  const installation = await openInstallation({
    slots: SLOTS,
    tenants: [TENANT],
    quota: waiters + SLOTS,
    committed: lives.committed,
  })
  const { simulation, table, sweeps, finish, sweepOnce } = installation
  const { kernel, functions, service } = simulation
  const client = createVirtualClient(installation)
  const others = () =>
    sum(service.transitions()) + sum(functions.counts()) - (functions.counts()['sweep'] ?? 0)

  const perMinute = await finish(
    (async () => {
      const holders = await all(SLOTS, () => client.create(TENANT, { ttlSeconds: 3_600, waitSeconds: 60 }))
      await Promise.all(holders.map((id) => lives.became(id, 'active')))
      await all(waiters, () => client.create(TENANT, { waitSeconds: 24 * 3_600 }))
      await kernel.sleep(MINUTE)
      while ((await sweepOnce()).due > 0);
      await Promise.all(holders.map((id) => client.renew(id, TENANT)))
      return undefined
    })(),
  ).then(async () => {
    table.tally.reset()
    sweeps.reset()
    const before = others()
    const counted = await finish(hour())
    const outside = table.tally.total().requests - sweeps.total().requests
    return { ...counted, outside, activity: others() - before }
  })

  async function hour() {
    const requests: number[] = []
    const readUnits: number[] = []
    const writeUnits: number[] = []
    for (let minute = 0; minute < 60; minute++) {
      const { requests: asked, readUnits: read, writeUnits: written } = sweeps.total()
      await sweepOnce()
      requests.push(sweeps.total().requests - asked)
      readUnits.push(sweeps.total().readUnits - read)
      writeUnits.push(sweeps.total().writeUnits - written)
      await kernel.sleep(MINUTE - 1_000)
    }
    return { requests, readUnits, writeUnits }
  }

  const who = `${waiters.toLocaleString('en')} waiting`
  return [
    figure(`${who}: requests to the table outside the sweep`, perMinute.outside, 'an hour', '0'),
    figure(`${who}: function calls and transitions outside the sweep`, perMinute.activity, 'an hour', '0'),
    row(`${who}: the sweep's requests`, perMinute.requests, 'the same whoever waits', 'a minute'),
    row(`${who}: the sweep's read units`, perMinute.readUnits, undefined, 'a minute'),
    row(`${who}: the sweep's write units`, perMinute.writeUnits, undefined, 'a minute'),
  ]
}

const all = <T>(count: number, act: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, act))

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0)
