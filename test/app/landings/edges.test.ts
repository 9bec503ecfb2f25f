import { expect, test } from 'vitest'
import { applyConfig } from '../../../lib/app/config/apply-config.ts'
import { advanceLanding } from '../../../lib/app/landings/advance-landing.ts'
import { cancelLanding } from '../../../lib/app/landings/cancel-landing.ts'
import { landAtHost } from '../../../lib/app/landings/land-at-host.ts'
import { repairLanding } from '../../../lib/app/landings/repair-landing.ts'
import { listLandings } from '../../../lib/app/landings/view-landing.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import { violations } from '../../support/invariants.ts'
import { catalogue, CI, holder } from '../../support/world.ts'
import { during, ended, land, landingNow, openLandingWorld, short, sourceId } from './landings.ts'

const NOBODY = '01J8ZB2WJ3N3W5V6G7Q8R9S0T1'
const hang = { fakeHosts: { command: () => 'hang' as const } }
const slow = [{ name: 'slow', script: 'sleep 600', timeoutSeconds: 3_600 }]

test('what is not there needs nothing', async () => {
  const { world } = await openLandingWorld()

  const done = await advanceLanding(world.ports, NOBODY)
  const gone = await repairLanding(world.ports, NOBODY)
  const host = await landAtHost(world.ports, NOBODY)

  expect([done, gone, host]).toEqual([{ route: 'DONE' }, 'gone', { route: 'DECIDE' }])
})

test.each(['execution', 'repair'] as const)(
  'a landing whose turn does not come in time leaves the queue, found by its %s',
  async (finder) => {
    const { world } = await openLandingWorld({ hosts: { alpha: 2 }, ...hang })
    await land(world, { verify: slow })
    await world.settle()
    const { id } = await land(world, { source: sourceId(2), wait: 60_000 })

    world.halt(finder === 'repair')
    await world.advance(62_000)
    if (finder === 'repair') await repairLanding(world.ports, id)
    const { outcome } = await during(world, id, 'ended')

    expect(outcome).toMatchObject({ result: 'failed', code: 'wait_timeout' })
    expect(violations(world.table.items())).toEqual([])
  },
)

test('a blueprint that is gone when its turn comes ends the landing with the reason', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 }, ...hang })
  const first = await land(world, { verify: slow })
  await world.settle()
  const { id } = await land(world, { source: sourceId(2) })
  const { checkout: _, ...blueprints } = catalogue({ hosts: { alpha: 2 } }).blueprints
  const wanted = { ...catalogue({ hosts: { alpha: 2 } }), blueprints }
  await applyConfig(world.ports, wanted, { dryRun: false, remove: true })

  await cancelLanding(world.ports, CI, first.id)
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'unknown_blueprint' })
})

test('a repository that is not registered any more has no place to land in', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 4 } })
  world.hosts.answerNext('merge', { kind: 'busy', detail: 'not now' })
  const { id } = await land(world)
  await world.settle()

  const wanted = { ...catalogue({ hosts: { alpha: 4 } }), repositories: {} }
  await applyConfig(world.ports, wanted, { dryRun: false, remove: true })
  const { outcome } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed' })
  expect(violations(world.table.items())).toEqual([])
})

test('a lease that ends while the commit is being made is replaced', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 } })
  world.hosts.answerNext('merge', { kind: 'busy', detail: 'not now' })
  const { id } = await land(world)
  await world.settle()
  const { lease } = await during(world, id, 'merging')

  await releaseLease(world.ports, holder(lease), lease, 'ok')
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1 })
})

test.each(['stale', 'closed'] as const)('a host that refuses as %s loses the lease', async (code) => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 } })
  world.hosts.answerNext('merge', { kind: 'refused', code, detail: 'a later one' })

  const { id } = await land(world)
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1 })
})

test('a merge that takes long is asked for again, and so is a push', async () => {
  const { world } = await openLandingWorld()
  const running = { kind: 'done', value: { state: 'running', phase: 'fetching' } } as never
  world.hosts.answerNext('merge', running)
  world.hosts.answerNext('push', running)

  const { id } = await land(world)
  const { outcome } = await ended(world, id)

  expect(outcome.result).toBe('landed')
})

test('a commit that a host says has landed and nobody made is our own fault', async () => {
  const { world } = await openLandingWorld()
  world.halt(true)
  const { id } = await land(world)
  world.hosts.answerNext('merge', { kind: 'busy', detail: 'not now' })
  world.halt(false)
  await world.settle()
  const commit = 'e'.repeat(40)
  const landed = { state: 'landed', commit, tree: commit, head: commit }
  world.hosts.answerNext('merge', { kind: 'done', value: landed } as never)

  await expect(landAtHost(world.ports, id)).rejects.toThrow('never made')
})

test('a step that its lease cannot start any more is started in another one', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 } })
  world.halt(true)
  const { id } = await land(world, { verify: slow })
  world.halt(false)
  world.hosts.answerNext('perform', { kind: 'refused', code: 'closed', detail: 'over' })

  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1 })
})

test('a step that no lease of its blueprint can run any more ends the landing with the reason', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 }, ...hang })
  const first = await land(world, { verify: slow })
  await world.settle()
  const { id } = await land(world, { source: sourceId(2), verify: slow })
  const wanted = catalogue({ hosts: { alpha: 2 }, blueprints: short(600) })
  await applyConfig(world.ports, wanted, { dryRun: false, remove: true })

  await cancelLanding(world.ports, CI, first.id)
  const { outcome, losses } = await ended(world, id)

  expect(outcome).toMatchObject({ result: 'failed', code: 'too_long' })
  expect(losses).toBe(0)
})

test('a page is asked for with a cursor that came from here, of tenants that concern the caller', async () => {
  const { world } = await openLandingWorld()

  const bad = await listLandings(world.ports, CI, { limit: 1, cursor: 'x' })
  const foreign = await listLandings(world.ports, CI, { limit: 1, tenant: 'other' })
  const operator = { principal: 'api-token/op', tenant: 'ops', scopes: ['operator'] } as const
  await ended(world, (await land(world)).id)
  const all = await listLandings(world.ports, operator, { limit: 10 })

  expect([bad, foreign]).toMatchObject([
    { ok: false, refusal: { refused: 'bad_cursor' } },
    { ok: false, refusal: { refused: 'not_authorized' } },
  ])
  expect(all).toMatchObject({ ok: true, value: { landings: [{ repository: 'example' }] } })
})

test('a landing that is over is told to go on by nobody, and tells the next', async () => {
  const { world } = await openLandingWorld({ hosts: { alpha: 2 }, ...hang })
  const first = await land(world)
  await ended(world, first.id)
  const { id } = await land(world, { source: sourceId(2), verify: slow })
  await world.settle()

  const route = await advanceLanding(world.ports, first.id)

  expect(route).toEqual({ route: 'DONE' })
  expect((await landingNow(world, id)).status).toBe('verifying')
})
