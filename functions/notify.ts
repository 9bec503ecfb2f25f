import { createWebhooks } from '../lib/adapters/webhooks/webhooks.ts'
import { notifyBuild } from '../lib/app/builds/notify-build.ts'
import type { BuildInput, Slice } from '../lib/contract/machines.ts'
import { presentEnd } from '../lib/http/present/build.ts'
import { systemChance } from '../lib/runtime/chance.ts'
import { systemClock } from '../lib/runtime/clock.ts'
import { composeTable } from '../lib/runtime/core.ts'
import { environment } from '../lib/runtime/environment.ts'
import { logJournal } from '../lib/runtime/journal.ts'
import { lazy } from '../lib/runtime/lazy.ts'
import { composeParameters } from '../lib/runtime/parameters.ts'
import { step } from '../lib/runtime/step.ts'

const ports = lazy(() => {
  const { TABLE_NAME, WEBHOOK_SECRETS_PARAMETER } = environment('notify')
  const parameters = composeParameters()
  return {
    table: composeTable(TABLE_NAME),
    webhooks: createWebhooks({
      secrets: () => parameters.find(WEBHOOK_SECRETS_PARAMETER),
      now: () => systemClock.now(),
    }),
    chance: systemChance,
    journal: logJournal,
  }
})

/** Tells the webhook of a build of the end of one generation. */
export const handler = step(({ buildId, generation }: BuildInput): Promise<Slice> =>
  notifyBuild(ports(), buildId, generation, presentEnd),
)
