import { expect, test } from 'vitest'
import { findCopy } from '../../../lib/app/copies/find-copy.ts'
import { listCopies } from '../../../lib/app/copies/list-copies.ts'
import { removeCopy } from '../../../lib/app/copies/remove-copy.ts'
import { sweep } from '../../../lib/app/repair/sweep/sweep.ts'
import { violations } from '../../support/invariants.ts'
import type { World } from '../../support/world.ts'
import { ask, copiesNow, copiesWorld, goneNow, namesNow, release, use } from '../support/copies.ts'
import { by, slotsNow, statesNow } from '../support/look.ts'

const idOf = (world: World, name: string): string => {
  const copy = copiesNow(world).find((one) => one.name === name)
  if (!copy) throw new Error(`no copy ${name}`)
  return copy.id
}

test('an operator removes an idle copy: its files go, its slot comes back without it', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  await use(world, 'two')
  const id = idOf(world, 'example')

  const removed = await removeCopy(world.ports, id, by(world))
  await world.settle()
  const again = await removeCopy(world.ports, id, by(world))

  expect(removed).toMatchObject({ ok: true, value: { state: 'released', reason: 'operator' } })
  expect(again).toMatchObject({ ok: true, value: { state: 'destroyed', reason: 'operator' } })
  expect(world.hosts.copies.names('alpha/0')).toEqual(['two'])
  expect(slotsNow(world, 'alpha')[0]).toMatchObject({ state: 'free', warm: ['two'] })
  expect(violations(world.table.items())).toEqual([])
})

test('a copy that a lease uses, or is about to use, is refused', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const id = idOf(world, 'example')
  world.halt(true)
  const lease = await ask(world, 'example')

  const acquired = await removeCopy(world.ports, id, by(world))
  world.halt(false)
  await world.settle()
  const active = await removeCopy(world.ports, id, by(world))

  const refusal = { ok: false, refusal: { refused: 'copy_leased', leaseId: lease } }
  expect([acquired, active]).toMatchObject([refusal, refusal])
  expect(namesNow(world)).toEqual(['example'])
})

test('an idle copy on a slot in use is given up at once, and goes when the slot is idle', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const lease = await ask(world, 'two')
  await world.settle()

  const removed = await removeCopy(world.ports, idOf(world, 'example'), by(world))
  const during = world.hosts.copies.names('alpha/0')
  await release(world, lease)
  await sweep(world.ports)
  await world.settle()

  expect(removed).toMatchObject({ ok: true, value: { state: 'released' } })
  expect(during).toEqual(['example', 'two'])
  expect(world.hosts.copies.names('alpha/0')).toEqual(['two'])
  expect(goneNow(world)).toMatchObject([{ name: 'example', reason: 'operator' }])
})

test('a copy that was given up is made anew for the next lease that asks for it, and not used again', async () => {
  const world = await copiesWorld()
  await use(world, 'example')
  const id = idOf(world, 'example')
  const lease = await ask(world, 'two')
  await world.settle()
  await removeCopy(world.ports, id, by(world))
  const next = await ask(world, 'example')

  await release(world, lease)

  expect(await world.lease(next)).toMatchObject({ status: 'active' })
  expect(idOf(world, 'example')).not.toBe(id)
  expect(world.hosts.calls.filter(({ verb }) => verb === 'tidy')).toHaveLength(1)
  expect(await findCopy(world.ports, id)).toMatchObject({ ok: true, value: { state: 'destroyed' } })
})

test('copies are listed by host and slot, and filtered, a page at a time', async () => {
  const world = await copiesWorld({ perSlot: 5 }, { hosts: { alpha: 1, beta: 1 } })
  world.halt(true)
  const first = await ask(world, 'example')
  const second = await ask(world, 'two')
  world.halt(false)
  await world.settle()
  for (const id of [first, second]) await release(world, id)
  await use(world, 'three')

  const all = await listCopies(world.ports, { limit: 10 })
  const page = await listCopies(world.ports, { limit: 2 })
  const rest = await listCopies(world.ports, {
    limit: 2,
    cursor: page.ok ? (page.value.cursor ?? '') : '',
  })
  const two = await listCopies(world.ports, { limit: 10, repository: 'two' })
  const nobody = await listCopies(world.ports, { limit: 10, blueprint: 'nobody' })

  const names = (found: typeof all) => (found.ok ? found.value.copies.map(({ name }) => name) : found)
  expect(new Set(names(all) as string[])).toEqual(new Set(['example', 'two', 'three']))
  expect([...(names(page) as string[]), ...(names(rest) as string[])]).toEqual(names(all))
  expect(names(two)).toEqual(['two'])
  expect(names(nobody)).toEqual([])
  expect(await listCopies(world.ports, { limit: 1, cursor: '../x' })).toMatchObject({
    refusal: { refused: 'bad_cursor' },
  })
})

test('what was never there is not found', async () => {
  const world = await copiesWorld()

  const answers = await Promise.all(
    ['alpha.0.99', 'no such id'].map(async (id) => removeCopy(world.ports, id, by(world))),
  )

  expect(answers).toMatchObject([
    { refusal: { refused: 'not_found' } },
    { refusal: { refused: 'not_found' } },
  ])
  expect(statesNow(world, 'alpha')).toEqual(['free'])
})
