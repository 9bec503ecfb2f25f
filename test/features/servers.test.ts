import { expect, test } from 'vitest'
import { killServers } from '../chaos/servers/rounds.ts'
import { brokenServers } from '../chaos/servers/shown.ts'
import { PHASES } from '../chaos/servers/trap.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'

/** Twenty times each: `npm run chaos -- --only servers`. */
test('a server killed in the middle of a verb costs no lease its end, no slot its state and leaves nothing', async () => {
  const isolation = mayChangeUsers ? 'user' : 'process'

  const found = await killServers({ seed: 4, times: 1, phases: PHASES, leases: 10, isolation })

  expect(found.rounds.flatMap(({ strikes }) => strikes.map(({ phase }) => phase))).toEqual([...PHASES])
  expect(brokenServers(found)).toEqual([])
}, 240_000)
