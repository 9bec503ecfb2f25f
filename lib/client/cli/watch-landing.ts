import type { Landing } from '../../contract/landing.ts'
import type { Client } from '../api.ts'
import { elapsed } from './elapsed.ts'
import type { Screen } from './screen.ts'

/** Milliseconds between two looks: each state of a landing lasts longer, or nobody misses it. */
const LOOK = 1_000

/** Tells the landing's place and states as they come; answers it once it has ended. */
export async function watchLanding(
  client: Client,
  first: Landing,
  screen: Screen,
  signal: AbortSignal,
): Promise<Landing> {
  const { now, sleep } = client.clock
  const since = now()
  let landing = first
  while (landing.status !== 'ended') {
    const { id: landingId, status, position, moves } = landing
    screen.say('landing_progress', { landingId, status, position, moves, elapsed: elapsed(now() - since) })
    await sleep(LOOK, signal)
    landing = await client.getLanding({ id: landing.id }, { signal })
  }
  return landing
}
