import { poisons } from '../host/poisons/poisons.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { poisonMatrix } from './poisons/matrix.ts'
import { brokenIn, shownMatrix } from './poisons/shown.ts'
import { killServers } from './servers/rounds.ts'
import { brokenServers, shownServers } from './servers/shown.ts'
import { PHASES } from './servers/trap.ts'

/** What a scenario found: what it prints, and what must not be. */
interface Found {
  readonly printed: string
  readonly broken: readonly string[]
}

interface Given {
  readonly seed: number
  readonly times: number | undefined
}

/** Jobs as users of their own where that can be, else as control. */
const BEST = mayChangeUsers ? 'user' : 'process'

/** Scenarios on hosts with SSH servers of their own. */
export const hostScenarios: Readonly<Record<string, (given: Given) => Promise<Found>>> = {
  poisons: async () => {
    const found = await poisonMatrix(poisons, BEST)
    return { printed: shownMatrix(found, BEST), broken: brokenIn(found) }
  },
  servers: async ({ seed, times = 20 }) => {
    const onRound = ({ strikes, rest }: { readonly strikes: readonly object[]; readonly rest: number }) =>
      console.log(`  ${strikes.length} servers killed; all free ${rest} s after they were back`)
    const found = await killServers({ seed, times, phases: PHASES, leases: 12, isolation: BEST, onRound })
    return { printed: shownServers(found, BEST, seed), broken: brokenServers(found) }
  },
}
