import { expect, test } from 'vitest'
import { commandKey } from '../../../lib/app/store/keys.ts'
import { itemAt } from '../support/look.ts'
import { activeLease, readAll, textOf } from './world.ts'

const SECRET = 'hunter2-hunter2'
const secretEnvironment = { TOKEN: SECRET }

/** What anybody could read in the table, binary attributes too. */
const readable = (items: readonly object[]) =>
  JSON.stringify(items, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  )

test('a secret is in the table only encrypted, and gone once the command has ended; its name stays', async () => {
  const { world, leaseId, run, requests } = await activeLease({ exitCode: 0 })
  world.halt(true)

  await run({ secretEnvironment })
  const during = itemAt(world, commandKey(leaseId, 1))
  const kept = readable(world.table.items())
  world.halt(false)
  await world.settle()

  expect(kept).not.toContain(SECRET)
  expect(during['secrets']).toBeInstanceOf(Uint8Array)
  expect(requests).toMatchObject([{ secretEnvironment }])
  expect(itemAt(world, commandKey(leaseId, 1))).not.toHaveProperty('secrets')
  expect(itemAt(world, commandKey(leaseId, 1))).toMatchObject({ secretNames: ['TOKEN'] })
})

test('a secret that a command prints is stars in the table, at the same offsets', async () => {
  const command = { exitCode: 0, stdout: `token=${SECRET};`, stderr: SECRET }
  const { world, leaseId, run } = await activeLease(command)

  await run({ secretEnvironment })
  await world.settle()

  const chunks = await readAll(world, leaseId)
  expect(textOf(chunks, 'stdout')).toBe(`token=${'*'.repeat(SECRET.length)};`)
  expect(textOf(chunks, 'stderr')).toBe('*'.repeat(SECRET.length))
})

test('a secret that comes letter by letter is hidden, over any number of looks', async () => {
  const stdout = `${SECRET} ${SECRET}, and hunt`
  const { world, leaseId, run } = await activeLease({
    exitCode: 0,
    stdout,
    milliseconds: 60_000,
    steady: true,
  })

  await run({ secretEnvironment })
  await world.advance(120_000)

  const stars = '*'.repeat(SECRET.length)
  expect(textOf(await readAll(world, leaseId), 'stdout')).toBe(`${stars} ${stars}, and hunt`)
})

test('a secret that is cut by what was left out shows neither its beginning nor its end', async () => {
  const blueprints = {
    linux: { name: 'linux', type: 'host', allow: ['*'], limits: { output: 4_096 } },
  } as const
  const [head, tail] = [SECRET.slice(0, 8), SECRET.slice(8)]
  const stdout = `${'x'.repeat(2_048 - head.length)}${SECRET}${'-'.repeat(5_000)}${SECRET}${'y'.repeat(2_048 - tail.length)}`
  const { world, leaseId, run } = await activeLease(
    { exitCode: 0, stdout, milliseconds: 1_000 },
    { blueprints },
  )

  await run({ secretEnvironment })
  await world.advance(10_000)

  const text = textOf(await readAll(world, leaseId), 'stdout')
  expect(text).toMatch(/^x+(\[\d+\])\*{7}y+$/)
  expect(text).not.toContain('hunt')
})
