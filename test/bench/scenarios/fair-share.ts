import { randomStream } from '../../simulation/kernel/random.ts'
import { figure, row } from '../measure.ts'
import type { Row } from '../measure.ts'
import type { Scenario } from '../scenario.ts'
import { createVirtualClient } from '../virtual/client.ts'
import { openInstallation } from '../virtual/installation.ts'
import { createLives } from '../virtual/lives.ts'

const SLOTS = 4
const QUEUED = 1_000
const NEWCOMERS = 20
const MINUTE = 60_000
const CROWD = 'crowd'

export const fairShare: Scenario = {
  title: 'A first lease behind a thousand of another tenant',
  how: `In virtual time, as for bursts, ${SLOTS} slots, each lease held for 0.5 to 1.5 of the mean hold: one tenant asks for ${QUEUED.toLocaleString('en')} leases at once; then ${NEWCOMERS} other tenants ask for their first one, one after the other, spread over the time that the queue takes. The wait of each, from its POST to acquired, in mean holds. "After measuring": the pool has served leases of that kind for a while before; "new pool": nothing is known of it when the thousand come.`,
  run: async () => [
    ...(await share({ hold: MINUTE, measured: true })),
    ...(await share({ hold: 10 * MINUTE, measured: true })),
    ...(await share({ hold: 10 * MINUTE, measured: false })),
  ],
}

async function share({
  hold,
  measured,
}: {
  readonly hold: number
  readonly measured: boolean
}): Promise<readonly Row[]> {
  const newcomers = Array.from({ length: NEWCOMERS }, (_, number) => `newcomer-${number}`)
  const lives = createLives()
  const installation = await openInstallation({
    slots: SLOTS,
    tenants: [CROWD, ...newcomers],
    quota: QUEUED + SLOTS,
    committed: lives.committed,
  })
  const { kernel } = installation.simulation
  const client = createVirtualClient(installation)
  const random = randomStream(7, 'holds')
  const wish = { ttlSeconds: 3_600, waitSeconds: 24 * 3_600 }
  const use = async (id: string, tenant: string): Promise<void> => {
    await lives.became(id, 'active')
    await kernel.sleep(hold * (0.5 + random.fraction()))
    await client.release(id, tenant)
  }
  installation.beginSweeps()

  const waits = await installation.finish(
    (async () => {
      if (measured) {
        await Promise.all(
          Array.from({ length: 10 * SLOTS }, async () => use(await client.create(CROWD, wish), CROWD)),
        )
      }
      const crowd = await Promise.all(Array.from({ length: QUEUED }, () => client.create(CROWD, wish)))
      for (const id of crowd) void use(id, CROWD)
      const whole = (QUEUED * hold) / SLOTS
      return Promise.all(
        newcomers.map(async (tenant, number) => {
          await kernel.sleep((whole * (number + 0.5)) / NEWCOMERS)
          const askedAt = kernel.now()
          const id = await client.create(tenant, wish)
          await lives.became(id, 'acquired')
          const waited = kernel.now() - askedAt
          void use(id, tenant)
          return waited / hold
        }),
      )
    })(),
  )
  const what = `hold of ${hold / MINUTE} min, ${measured ? 'after measuring' : 'new pool'}`
  return [
    row(`${what}: wait of a first lease`, waits, '<= 1', 'mean holds'),
    figure(`${what}: longest of them`, Math.max(...waits), 'mean holds', '<= 1', 2),
  ]
}
