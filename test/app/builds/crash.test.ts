import { expect, test } from 'vitest'
import { abortBuild } from '../../../lib/app/builds/abort-build.ts'
import { createBuild } from '../../../lib/app/builds/create-build.ts'
import { restartBuild } from '../../../lib/app/builds/restart-build.ts'
import type { World } from '../../support/world.ts'
import { CI } from '../../support/world.ts'
import type { Moment } from '../../support/death.ts'
import { behave, buildNow, demandFor, step } from '../support/builds.ts'
import { statesNow } from '../support/look.ts'
import { dieEverywhere, insist } from '../support/mortality.ts'

const DEMAND = demandFor([step('ok'), step('fail'), step('ok', { always: true })], {
  webhook: 'https://ci.example.org/hook',
})
const LONG = demandFor([step('hang')])

const ask = async (world: World, demand: typeof DEMAND): Promise<string> => {
  const made = await insist(async () =>
    createBuild(world.ports, CI, demand, { hash: 'one', requestHash: 'one' }),
  )
  if (!made.ok) throw new Error(made.refusal.refused)
  await world.settle()
  return made.value.id
}

async function whole(world: World): Promise<string> {
  return ask(world, DEMAND)
}

async function aborted(world: World): Promise<string> {
  const id = await ask(world, LONG)
  await insist(async () => abortBuild(world.ports, CI, id))
  await world.settle()
  return id
}

/** A restart while it runs, and one when it has ended; the last generation is aborted. */
async function restarted(world: World): Promise<string> {
  const id = await ask(world, LONG)
  await insist(async () => restartBuild(world.ports, CI, id, { hash: 'two', requestHash: 'r' }))
  await world.settle()
  await insist(async () => abortBuild(world.ports, CI, id))
  await world.settle()
  return id
}

const SCENARIOS = [
  ['a build runs to its end', whole, { outcome: 'failed', reason: 'step_failed' }],
  ['a build is aborted', aborted, { outcome: 'aborted', reason: 'aborted' }],
  ['a build is restarted and aborted', restarted, { outcome: 'aborted', reason: 'aborted' }],
] as const

test.each(
  SCENARIOS.flatMap(([title, act, verdict]) =>
    (['before', 'after'] as const).map((moment) => [title, moment, act, verdict] as const),
  ),
)(
  'while %s, a death %s any call is repaired: it ends as it would have, its slot is free, each is told once at least',
  async (_, moment: Moment, act, verdict) => {
    const damage = async (world: World, id: string) => {
      const ended = buildNow(world, id)
      const as = 'verdict' in ended ? ended.verdict : undefined
      return [
        ...(ended.status === 'ended' && ended.timer === undefined ? [] : [`it is ${ended.status}`]),
        ...(as?.outcome === verdict.outcome && as.reason === verdict.reason ? [] : [JSON.stringify(as)]),
        ...(statesNow(world, 'alpha').join() === 'free' ? [] : ['the slot is lost']),
        ...(world.hosts.running().length === 0 ? [] : ['a process is left']),
        ...(world.published.length > 0 ? [] : ['nobody was told']),
        ...(ended.webhook === undefined || world.posted.length > 0 ? [] : ['the webhook was not told']),
      ]
    }

    const died = await dieEverywhere(
      { world: { fakeHosts: { command: behave } }, act, minutes: 4, damage },
      moment,
    )

    expect(died.calls).toBeGreaterThan(40)
    expect(died.damage).toEqual([])
  },
)
