import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryTable } from '../../lib/adapters/memory/table.ts'
import { reservePlaces } from '../../lib/app/leases/reserve-places.ts'
import { NOON } from '../support/lease-builder.ts'

const world = () => {
  let now = NOON
  const clock = { now: () => now, sleep: async () => undefined }
  const ports = { table: createMemoryTable(), clock }
  let made = 0
  return {
    at: (time: number) => {
      now = NOON + time
    },
    reserve: async (tenant: string, quantum = 1_000) => {
      const id = `L${String((made += 1)).padStart(4, '0')}`
      const places = await reservePlaces(ports, tenant, [{ name: 'linux', quantum }], 0, id)
      return Number(places['linux']?.split('#')[1]) - NOON
    },
  }
}

test("a tenant's places are strictly ascending, whatever the clock does", async () => {
  const clocks = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: 20 })

  await fc.assert(
    fc.asyncProperty(clocks, fc.integer({ min: 0, max: 5_000 }), async (times, quantum) => {
      const { at, reserve } = world()
      const places: number[] = []
      for (const time of times) {
        at(time)
        places.push(await reserve('acme', quantum))
      }

      expect(places.every((place, index) => index === 0 || place > (places[index - 1] ?? Infinity))).toBe(
        true,
      )
    }),
  )
})

test('a tenant that asks for much stands one quantum further back with each request', async () => {
  const { reserve } = world()

  const places = [await reserve('acme'), await reserve('acme'), await reserve('acme')]

  expect(places).toEqual([0, 1_000, 2_000])
})

test("another tenant's first request stands before all that a crowd asked for later than now", async () => {
  const { at, reserve } = world()
  for (let count = 0; count < 50; count++) await reserve('crowd')
  at(5_000)

  const place = await reserve('newcomer')

  expect(place).toBe(5_000)
})

test('places that are long past do not count: who has waited with asking gains nothing by it', async () => {
  const { at, reserve } = world()
  await reserve('acme')
  at(60_000)

  const place = await reserve('acme')

  expect(place).toBe(60_000)
})
