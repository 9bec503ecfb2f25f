import { expect, test } from 'vitest'
import { awaitCommand, awaitOutput } from '../../../lib/app/commands/read-command.ts'
import { CI } from '../../support/world.ts'
import { activeLease, readAll, textOf } from './world.ts'

const LIMIT = 4_096
const blueprints = {
  linux: { name: 'linux', type: 'host', allow: ['*'], limits: { output: LIMIT } },
} as const
const numbers = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}\n`).join('')

async function ran(stdout: string, stderr = '') {
  const command = { exitCode: 0, stdout, stderr, milliseconds: 30_000, steady: true } as const
  const { world, leaseId, run } = await activeLease(command, { blueprints })
  await run()
  await world.advance(60_000)
  return { world, leaseId }
}

test('of an output that is too long its beginning and its end are kept, with a count between', async () => {
  const stdout = numbers(2_000)

  const { world, leaseId } = await ran(stdout)

  const chunks = await readAll(world, leaseId)
  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  const left = stdout.length - LIMIT
  expect(textOf(chunks, 'stdout')).toBe(`${stdout.slice(0, 2_048)}[${left}]${stdout.slice(-2_048)}`)
  expect(command.ok && command.value).toMatchObject({
    stdoutBytes: stdout.length,
    omitted: { stdout: left, stderr: 0 },
  })
})

test.each([LIMIT, LIMIT - 1, 2_048, 2_049])('of %i bytes nothing is left out', async (size) => {
  const stdout = numbers(1_000).slice(0, size)

  const { world, leaseId } = await ran(stdout)

  expect(textOf(await readAll(world, leaseId), 'stdout')).toBe(stdout)
})

test('each stream is cut by itself, and what the other one does not need is its own', async () => {
  const [stdout, stderr] = [numbers(2_000), 'x'.repeat(100)]

  const { world, leaseId } = await ran(stdout, stderr)

  const chunks = await readAll(world, leaseId)
  const bytes = chunks.reduce((sum, chunk) => sum + ('bytes' in chunk ? chunk.bytes.length : 0), 0)
  expect(textOf(chunks, 'stderr')).toBe(stderr)
  expect(bytes).toBe(LIMIT)
  expect(
    textOf(chunks, 'stdout')
      .split(/\[\d+\]/)
      .map((part) => stdout.includes(part)),
  ).toEqual([true, true])
})

test('it can be read on from any byte, also from one that was left out', async () => {
  const stdout = numbers(2_000)
  const { world, leaseId } = await ran(stdout)
  const offsets = [
    0,
    1,
    2_047,
    2_048,
    2_049,
    9_000,
    stdout.length - 2_049,
    stdout.length - 2_048,
    stdout.length,
  ]

  const read = await Promise.all(offsets.map(async (from) => readAll(world, leaseId, from)))

  const gapEnd = stdout.length - 2_048
  const expected = offsets.map((from) => {
    const head = stdout.slice(Math.min(from, 2_048), 2_048)
    const gap = from < gapEnd ? `[${gapEnd - Math.max(from, 2_048)}]` : ''
    return head + gap + stdout.slice(Math.max(from, gapEnd))
  })
  expect(read.map((chunks) => textOf(chunks, 'stdout'))).toEqual(expected)
})

test('what it wrote first is there at once, and the command ends as it ended', async () => {
  const stdout = numbers(2_000)
  const command = { exitCode: 7, stdout, milliseconds: 30_000, steady: true } as const
  const { world, leaseId, run } = await activeLease(command, { blueprints })
  await run()

  await world.advance(10_000)
  const during = textOf(await readAll(world, leaseId), 'stdout')
  await world.advance(60_000)

  const command1 = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(during).toBe(stdout.slice(0, 2_048))
  expect(command1.ok && command1.value).toMatchObject({ status: 'ended', exitCode: 7 })
})

test('an offset beyond the end is refused', async () => {
  const { world, leaseId } = await ran('built')

  const refused = await awaitOutput(world.ports, CI, leaseId, 1, 6, 0)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'beyond_end', hints: { bytes: 5 } } })
})
