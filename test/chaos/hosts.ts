import { poisons } from '../host/poisons/poisons.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'
import { LEVELS, tryEscapes } from './escapes/levels.ts'
import { brokenEscapes, shownEscapes } from './escapes/shown.ts'
import { forgetLeases } from './holders/rounds.ts'
import { brokenHolders, shownHolders } from './holders/shown.ts'
import { poisonMatrix } from './poisons/matrix.ts'
import { brokenIn, shownMatrix } from './poisons/shown.ts'
import { killServers } from './servers/rounds.ts'
import { brokenServers, shownServers } from './servers/shown.ts'
import { PHASES } from './servers/trap.ts'
import { dropped } from './dropped.ts'

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

/** Forgotten at a time: their expiries fall close together, and this is about each of them. */
const AT_A_TIME = 17

/** Scenarios on hosts with SSH servers of their own. */
export const hostScenarios: Readonly<Record<string, (given: Given) => Promise<Found>>> = {
  poisons: async () => {
    const found = await poisonMatrix(poisons, BEST)
    return { printed: shownMatrix(found, BEST), broken: brokenIn(found) }
  },
  escapes: async () => {
    const levels = LEVELS.filter((level) => level === 'process' || mayChangeUsers)
    const found = await tryEscapes(levels)
    return { printed: shownEscapes(found, levels), broken: brokenEscapes(found) }
  },
  holders: async ({ times = 50 }) => {
    const kinds = ['holder killed', 'execution stopped'] as const
    const slots = Math.min(AT_A_TIME, times)
    const found = await forgetLeases({ runs: times, slots, isolation: BEST, kinds })
    return { printed: shownHolders(found, BEST), broken: brokenHolders(found) }
  },
  servers: async ({ seed, times = 20 }) => {
    const onRound = ({ strikes, rest }: { readonly strikes: readonly object[]; readonly rest: number }) =>
      console.log(`  ${strikes.length} servers killed; all free ${rest} s after they were back`)
    const found = await killServers({ seed, times, phases: PHASES, leases: 12, isolation: BEST, onRound })
    return { printed: shownServers(found, BEST, seed), broken: brokenServers(found) }
  },
  dropped,
}
