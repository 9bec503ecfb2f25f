import { expect, test } from 'vitest'
import type { LandingDemand } from '../../../lib/app/landings/judge-landing.ts'
import type { RefusalCode } from '../../../lib/domain/refusals.ts'
import { CI, openWorld } from '../../support/world.ts'
import { openLandingWorld, short, tryLand } from './landings.ts'

const step = { name: 'x', script: 'true', timeoutSeconds: 10 }
const bad: readonly (readonly [string, Partial<LandingDemand>, RefusalCode])[] = [
  ['a repository that nobody registered', { repository: 'nowhere' }, 'unknown_repository'],
  ['a branch that nobody may land on', { branch: 'secret' }, 'branch_not_allowed'],
  ['a branch with two dots', { branch: 'a..b' }, 'bad_ref'],
  ['a branch that looks like an option', { branch: '-x' }, 'bad_ref'],
  ['a branch with control characters', { branch: 'main\n' }, 'bad_ref'],
  ['a branch that is a full ref', { branch: 'refs/heads/main' }, 'bad_ref'],
  ['a branch named HEAD', { branch: 'HEAD' }, 'bad_ref'],
  ['a branch without a name', { branch: '' }, 'bad_ref'],
  ['a source with two dots', { source: 'a..b' }, 'bad_ref'],
  ['a source that looks like an option', { source: '--all' }, 'bad_ref'],
  ['a source with control characters', { source: 'main\u0007' }, 'bad_ref'],
  ['a source that ends like a lock', { source: 'main.lock' }, 'bad_ref'],
  ['an expected head that is no id', { expectedHead: 'main' }, 'bad_ref'],
  ['a message that is too large', { message: 'é'.repeat(32_769) }, 'message_too_large'],
  ['scripts that are too large', { verify: [{ ...step, script: 'x'.repeat(100_001) }] }, 'too_large'],
  ['steps that take too long', { verify: [{ ...step, timeoutSeconds: 14_401 }] }, 'too_long'],
  ['a step without a script', { verify: [step, { ...step, script: '' }] }, 'no_script'],
  ['a step whose script is white space', { verify: [{ ...step, script: ' \n\t' }] }, 'no_script'],
  ['a wait that is too long', { wait: 86_400_001 }, 'too_long'],
  ['a wait of nothing', { wait: 0 }, 'too_short'],
  ['a blueprint that there is not', { blueprint: 'nothing' }, 'unknown_blueprint'],
  ['a blueprint of hosts', { blueprint: 'linux' }, 'impossible'],
  ['a priority that there is not', { priority: 11 }, 'unknown_priority'],
]

test.each(bad)('%s is refused, and nothing is written', async (_, change, code) => {
  const { world } = await openLandingWorld()
  const before = world.table.items()

  const refused = await tryLand(world, change)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
  expect(world.table.items()).toEqual(before)
})

test('a step that may take longer than its lease lasts is refused, and one without a time gets at most that', async () => {
  const { world } = await openLandingWorld({ blueprints: short(600) })

  const refused = await tryLand(world, { verify: [step, { ...step, timeoutSeconds: 601 }] }, 'long')
  const landing = await tryLand(world, { verify: [{ name: 'x', script: 'true' }] }, 'default')

  expect(refused).toMatchObject({
    ok: false,
    refusal: { refused: 'too_long', hints: { field: 'verify.1.timeoutSeconds', most: 600 } },
  })
  expect(landing).toMatchObject({ ok: true, value: { verify: [{ timeoutSeconds: 600 }] } })
})

test('a tenant that may not land in a repository is refused', async () => {
  const { world } = await openLandingWorld()
  const before = world.table.items()

  const refused = await tryLand(world, {}, 'key', { ...CI, tenant: 'other' })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_authorized' } })
  expect(world.table.items()).toEqual(before)
})

test('nobody lands in a repository whose operators have not said who may', async () => {
  const world = await openWorld()

  const refused = await tryLand(world)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_landable' } })
})

test('a branch may be allowed by the beginning of its name', async () => {
  const { world, remote } = await openLandingWorld()
  remote.setHead('example', 'release/2', 'a'.repeat(40))

  const landing = await tryLand(world, { branch: 'release/2' })

  expect(landing).toMatchObject({ ok: true })
})

test('the same key with another request is refused', async () => {
  const { world } = await openLandingWorld()
  await tryLand(world, {}, 'key')

  const refused = await tryLand(world, { message: 'Something else' }, 'key')

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'key_reused' } })
})
