import { expect, test } from 'vitest'
import type { BuildDemand } from '../../../lib/app/builds/judge-build.ts'
import { demandFor, openBuilds, step, tryBuild } from '../support/builds.ts'

const long = 'x'.repeat(100_001)
const wish = (lease: Partial<BuildDemand['lease']>) => demandFor([step('ok')], { lease })
const bare = { ...step('ok') }
delete (bare as { script?: string }).script

test.each([
  ['no step at all', demandFor([]), 'too_many_steps'],
  ['51 steps', demandFor(Array.from({ length: 51 }, () => step('ok'))), 'too_many_steps'],
  ['a step without a script', demandFor([step('ok'), bare]), 'no_script'],
  ['an empty script', demandFor([step(' \n')]), 'no_script'],
  ['a script that is too large', demandFor([step(long)]), 'too_large'],
  ['an environment that is too large', demandFor([step('ok')], { environment: { A: long } }), 'too_large'],
  ['a step whose environment is', demandFor([step('ok', { environment: { A: long } })]), 'too_large'],
  ['a timeout of 0', demandFor([step('ok', { timeoutSeconds: 0 })]), 'too_short'],
  ['a negative one', demandFor([step('ok', { timeoutSeconds: -1 })]), 'too_short'],
  [
    'a timeout above what the lease may last',
    demandFor([step('ok', { timeoutSeconds: 86_401 })]),
    'too_long',
  ],
  ['a ref with ..', wish({ commit: 'main..next' }), 'bad_ref'],
  ['a ref that begins with -', wish({ commit: '--upload-pack=x' }), 'bad_ref'],
  ['a ref with a control character', wish({ commit: 'main\n' }), 'bad_ref'],
  ['a ref with a blank', wish({ commit: 'a b' }), 'bad_ref'],
  ['a ref that ends with .lock', wish({ commit: 'a.lock' }), 'bad_ref'],
  ['an empty ref', wish({ commit: '' }), 'bad_ref'],
  ['an unknown repository', wish({ repository: 'nowhere' }), 'unknown_repository'],
  ['an unknown blueprint', wish({ blueprint: 'nowhere' }), 'unknown_blueprint'],
  ['a blueprint of hosts', wish({ blueprint: 'linux', type: 'working-copy' }), 'impossible'],
  ['an unknown type', wish({ type: 'cloud' }), 'unknown_type'],
  ['an unknown priority', wish({ priority: 99 }), 'unknown_priority'],
  ['a ttl that is too long', wish({ ttl: 999_999_999 }), 'too_long'],
  ['a webhook without https', demandFor([step('ok')], { webhook: 'http://a.example.org/' }), 'bad_webhook'],
  [
    'a webhook of an address',
    demandFor([step('ok')], { webhook: 'https://169.254.169.254/' }),
    'bad_webhook',
  ],
  ['a webhook of this machine', demandFor([step('ok')], { webhook: 'https://localhost/' }), 'bad_webhook'],
  [
    'a webhook of a port that is none',
    demandFor([step('ok')], { webhook: 'https://example.com:99999/x' }),
    'bad_webhook',
  ],
  ['a webhook of port 0', demandFor([step('ok')], { webhook: 'https://example.com:0/' }), 'bad_webhook'],
  ['a webhook with credentials', demandFor([step('ok')], { webhook: 'https://a:b@c.org/' }), 'bad_webhook'],
])('%s is refused, and nothing of the build is left', async (_, demand, code) => {
  const world = await openBuilds()
  const before = world.table.items().length

  const refused = await tryBuild(world, demand)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
  expect(world.table.items()).toHaveLength(before)
})

test('without a blueprint one for working copies is chosen', async () => {
  const world = await openBuilds()
  const { blueprint: _, ...lease } = demandFor([]).lease

  const made = await tryBuild(world, { ...demandFor([step('ok')]), lease })

  expect(made).toMatchObject({ ok: true })
})

test('the same request twice is one build, and the key of another request is refused', async () => {
  const world = await openBuilds()
  const demand = demandFor([step('hang')])

  const first = await tryBuild(world, demand)
  const second = await tryBuild(world, demand)
  const other = await tryBuild(world, demandFor([step('ok')]))
  await world.settle()

  expect(first.ok && second.ok && first.value.id === second.value.id).toBe(true)
  expect(other).toMatchObject({ refusal: { refused: 'key_reused' } })
  expect(world.table.items().filter(({ PK, SK }) => PK.startsWith('L#') && SK === 'META')).toHaveLength(1)
})
