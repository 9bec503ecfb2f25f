import { expect, test } from 'vitest'
import { createKernel } from './kernel.ts'

/** Runs ten acts of one instant, and says in which order they came. */
async function orderOf(seed: number): Promise<readonly number[]> {
  const kernel = createKernel(seed, 0)
  const order: number[] = []
  for (let act = 0; act < 10; act++) kernel.after(5, () => void order.push(act))
  await kernel.run(5)
  return order
}

test('events happen in the order of their times', async () => {
  const kernel = createKernel(1, 0)
  const times: number[] = []
  for (const at of [30, 10, 50, 20, 40, 10]) kernel.after(at, () => void times.push(kernel.now()))

  await kernel.run(45)

  expect(times).toEqual([10, 10, 20, 30, 40])
})

test('events of one instant come in an order of the seed', async () => {
  const orders = await Promise.all([orderOf(1), orderOf(1), orderOf(2)])

  expect(orders[1]).toEqual(orders[0])
  expect(orders[2]).not.toEqual(orders[0])
  expect(orders[0]?.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('whatever an event sets free has run before the next one', async () => {
  const kernel = createKernel(1, 0)
  const seen: string[] = []
  const chain = async () => {
    for (let step = 0; step < 50; step++) await Promise.resolve()
    seen.push('the chain of the first')
  }
  kernel.after(1, () => void chain())
  kernel.after(2, () => void seen.push('the second'))

  await kernel.run(2)

  expect(seen).toEqual(['the chain of the first', 'the second'])
})

test('virtual time stands still while there is work outside of it', async () => {
  const kernel = createKernel(1, 0)
  const seen: number[] = []
  kernel.after(1, () => {
    void kernel.outside(new Promise((resolve) => setTimeout(resolve, 5))).then(() => seen.push(kernel.now()))
  })
  kernel.after(2, () => void seen.push(kernel.now()))

  await kernel.run(2)

  expect(seen).toEqual([1, 2])
})
