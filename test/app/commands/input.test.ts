import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { activeLease } from './world.ts'

const inputs = (items: readonly { readonly SK: string }[]) => items.filter(({ SK }) => SK.startsWith('IN#'))

test.each([0, 1, 262_144, 262_145, 1_048_576])(
  'input of %i bytes reaches the host byte for byte, and is forgotten when the command has ended',
  async (size) => {
    const { world, run, requests } = await activeLease({ exitCode: 0 })
    const input = randomBytes(size)
    world.halt(true)

    await run({ input })
    const kept = inputs(world.table.items())
    world.halt(false)
    await world.settle()

    expect(kept).toHaveLength(Math.max(1, Math.ceil(size / 262_144)))
    expect(Buffer.from(requests[0]?.input ?? 'none').equals(input)).toBe(true)
    expect(inputs(world.table.items())).toEqual([])
  },
)

test('a command without input gets none', async () => {
  const { world, run, requests } = await activeLease({ exitCode: 0 })

  await run()
  await world.settle()

  expect(requests).toHaveLength(1)
  expect(requests[0]).not.toHaveProperty('input')
})

test('input that is gone, because another follower has ended the command, starts nothing again', async () => {
  const { world, run } = await activeLease({ exitCode: 0 })

  const first = await run({ input: randomBytes(10) })
  await world.settle()
  const again = await run({ input: randomBytes(10) })
  await world.settle()

  expect([first, again].map((result) => result.ok && result.value.status)).toEqual(['starting', 'ended'])
  expect(world.hosts.calls.filter(({ verb }) => verb === 'perform')).toHaveLength(1)
})
