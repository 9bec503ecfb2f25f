import type { Build } from '../../contract/build.ts'
import type { Client } from '../api.ts'
import { followBuild } from '../build.ts'
import { elapsed } from './elapsed.ts'
import type { Screen } from './screen.ts'
import { showPiece } from './show-command.ts'

/** Milliseconds between two looks at where a build waits. */
const LOOK = 2_000

/** Tells where the build waits, until its first step says something, and then what the steps say; answers how it ended. */
export async function watchBuild(
  client: Client,
  build: Build,
  screen: Screen,
  signal: AbortSignal,
): Promise<Build> {
  const heard = new AbortController()
  const waiting = tellWaiting(client, build, screen, AbortSignal.any([signal, heard.signal]))
  const names = new Map(build.steps.map(({ number, name }) => [number, name]))
  const output = followBuild(client, build.id, { signal })
  try {
    for (let step = 0; ;) {
      const next = await output.next()
      heard.abort(new Error('it has begun'))
      if (next.done) return next.value
      if (next.value.step !== step) {
        step = next.value.step
        screen.endGroup()
        screen.say('build_step', { buildId: build.id, step, name: names.get(step) ?? String(step) })
        screen.group(`Step ${step}: ${names.get(step) ?? ''}`)
      }
      await showPiece(next.value, screen)
    }
  } finally {
    heard.abort(new Error('nobody watches any more'))
    screen.endGroup()
    await waiting
  }
}

async function tellWaiting(client: Client, first: Build, screen: Screen, signal: AbortSignal): Promise<void> {
  const { now, sleep } = client.clock
  const since = now()
  try {
    for (
      let build = first;
      build.status === 'waiting';
      build = await client.getBuild({ id: first.id }, { signal })
    ) {
      const { waiting } = build
      if (waiting) {
        screen.say('build_waiting', { buildId: build.id, ...waiting, elapsed: elapsed(now() - since) })
      }
      await sleep(LOOK, signal)
    }
  } catch (error) {
    // That it waits is news, not the result: whoever follows the output learns of a service that is away.
    if (!signal.aborted)
      screen.say('news_failed', { detail: error instanceof Error ? error.message : String(error) })
  }
}
