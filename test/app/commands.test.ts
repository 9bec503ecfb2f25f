import type { World } from '../support/world.ts'
import { commandKey } from '../../lib/app/store/keys.ts'
import { storeOutput } from '../../lib/app/commands/store-output.ts'
import { commandOf } from '../../lib/app/commands/command.ts'
import { expect, test } from 'vitest'
import { followCommand } from '../../lib/app/commands/follow-command.ts'
import type { Chunk } from '../../lib/app/commands/read-command.ts'
import { awaitCommand, awaitOutput, cancelCommand } from '../../lib/app/commands/read-command.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import { releaseLease } from '../../lib/app/leases/release-lease.ts'
import type { FakeCommand } from '../../lib/adapters/memory/hosts.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const demand = { argv: ['make'], environment: { SECRET: 's3cret' }, timeoutSeconds: 60, directory: '.' }

async function active(command: FakeCommand) {
  const world = await openWorld({ fakeHosts: { command: () => command } })
  const { leaseId } = await world.ask()
  await world.settle()
  const run = async (key = 'k') =>
    runCommand(world.ports, holder(leaseId), leaseId, demand, { hash: key, requestHash: 'r' })
  return { world, leaseId, run }
}

const text = (chunks: readonly Chunk[], stream: string) =>
  chunks
    .filter((chunk) => chunk.stream === stream)
    .map((chunk) => ('bytes' in chunk ? Buffer.from(chunk.bytes).toString() : `[${chunk.omitted}]`))
    .join('')

test('a command runs, its output is kept in two streams, and its exit code passes', async () => {
  const { world, leaseId, run } = await active({ exitCode: 7, stdout: 'built', stderr: 'warned' })

  await run()
  await world.settle()

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  const output = await awaitOutput(world.ports, CI, leaseId, 1, 0, 0)
  expect(command.ok && command.value).toMatchObject({ status: 'ended', cause: 'exited', exitCode: 7 })
  expect(output.ok && output.value).toMatchObject({ ended: true, exitCode: 7, next: 11 })
  expect(output.ok && text(output.value.chunks, 'stdout')).toBe('built')
  expect(output.ok && text(output.value.chunks, 'stderr')).toBe('warned')
})

test('values of the environment are forgotten when the command has ended; names stay', async () => {
  const { world, run } = await active({ exitCode: 0 })

  await run()
  const before = JSON.stringify(world.table.items())
  await world.settle()

  expect(before).toContain('s3cret')
  expect(JSON.stringify(world.table.items())).not.toContain('s3cret')
  expect(JSON.stringify(world.table.items())).toContain('"environmentNames":["SECRET"]')
})

test('the same key runs once', async () => {
  const { world, run } = await active({ exitCode: 0 })

  const first = await run('once')
  const again = await run('once')
  const other = await run('other')
  await world.settle()

  expect([first, again, other].map((result) => result.ok && result.value.number)).toEqual([1, 1, 2])
  expect(world.hosts.calls.filter((call) => call.verb === 'perform')).toHaveLength(2)
})

test('output larger than a chunk is read from any offset without a gap', async () => {
  const stdout = Array.from({ length: 30_000 }, (_, line) => `line ${line}\n`).join('')
  const { world, leaseId, run } = await active({ exitCode: 0, stdout })
  await run()
  await world.settle()

  const middle = await awaitOutput(world.ports, CI, leaseId, 1, 100_001, 0)

  expect(middle.ok && text(middle.value.chunks, 'stdout')).toBe(stdout.slice(100_001))
})

test('two followers store every byte once', async () => {
  const { world, leaseId, run } = await active({ exitCode: 0, stdout: 'once' })
  world.halt(true)
  await run()

  await Promise.all([1, 2, 3].map(async () => followCommand(world.ports, leaseId, 1, 1)))

  const output = await awaitOutput(world.ports, CI, leaseId, 1, 0, 0)
  expect(output.ok && text(output.value.chunks, 'stdout')).toBe('once')
})

test('a cancelled command is killed and the lease stays', async () => {
  const { world, leaseId, run } = await active('hang')
  await run()
  await world.settle()

  await cancelCommand(world.ports, holder(leaseId), leaseId, 1)
  await world.advance(2_000)

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(command.ok && command.value).toMatchObject({ status: 'ended', cause: 'cancelled' })
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('a command ends with its lease, and says so', async () => {
  const { world, leaseId, run } = await active('hang')
  await run()
  await world.settle()

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.advance(2_000)

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(command.ok && command.value).toMatchObject({ status: 'ended', cause: 'lease_lost' })
  expect(world.hosts.running()).toEqual([])
})

test.each([
  ['an expired lease', 600_000, 'lease_lost'],
  ['a lease that somebody else holds', 0, 'not_found'],
])('nothing runs in %s', async (_, wait, code) => {
  const { world, leaseId } = await active({ exitCode: 0 })
  await world.advance(wait)
  const caller = code === 'not_found' ? holder('somebody-else') : holder(leaseId)

  const refused = await runCommand(world.ports, caller, leaseId, demand, { hash: 'k', requestHash: 'r' })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: code } })
})

test('the owner may look, but only the lease token runs', async () => {
  const { world, leaseId } = await active({ exitCode: 0 })

  const refused = await runCommand(world.ports, CI, leaseId, demand, { hash: 'k', requestHash: 'r' })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_authorized' } })
})

test('a long poll for the end of a command answers when its time is up', async () => {
  const { world, leaseId, run } = await active('hang')
  world.halt(true)
  await run()
  const before = world.ports.clock.now()

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 1_000)

  expect(command.ok && command.value.status).toBe('starting')
  expect(world.ports.clock.now() - before).toBeGreaterThanOrEqual(1_000)
})

test('many small pieces of output are read to the end', async () => {
  const { world, leaseId, run } = await active('hang')
  world.halt(true)
  await run()
  for (let piece = 0; piece < 40; piece++) {
    const command = await readCommandItem(world, leaseId)
    const end = { status: 'ended', cause: 'exited', exitCode: 0 } as const
    const stdout = Buffer.from(`l${piece % 10}\n`)
    await storeOutput(world.ports, command, { stdout, stderr: new Uint8Array() }, piece === 39 ? end : {})
  }

  let whole = ''
  let after = 0
  for (let page = 0, ended = false; !ended && page < 20; page++) {
    const output = await awaitOutput(world.ports, CI, leaseId, 1, after, 0)
    if (!output.ok) throw new Error(output.refusal.detail)
    whole += text(output.value.chunks, 'stdout')
    after = output.value.next
    ended = output.value.ended
  }

  expect(whole).toHaveLength(120)
})

test('a command that was cancelled before it started never runs', async () => {
  const { world, leaseId, run } = await active({ exitCode: 0 })
  world.halt(true)
  await run()
  await cancelCommand(world.ports, holder(leaseId), leaseId, 1)

  world.halt(false)
  await world.settle()

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(command.ok && command.value).toMatchObject({ status: 'ended', cause: 'cancelled' })
  expect(world.hosts.calls.some((call) => call.verb === 'perform')).toBe(false)
})

test('a command that nobody follows is ended with its lease, and its environment forgotten', async () => {
  const { world, leaseId } = await active({ exitCode: 0 })
  const ports = {
    ...world.ports,
    executions: { ...world.ports.executions, ensureCommand: async () => undefined },
  }
  await runCommand(ports, holder(leaseId), leaseId, demand, { hash: 'k', requestHash: 'r' })

  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(command.ok && command.value).toMatchObject({ status: 'ended', cause: 'lease_lost' })
  expect(JSON.stringify(world.table.items())).not.toContain('s3cret')
})

test('a run that is replayed after its lease has ended answers as before', async () => {
  const { world, leaseId, run } = await active({ exitCode: 0 })
  await run()
  await world.settle()
  await releaseLease(world.ports, holder(leaseId), leaseId, 'ok')
  await world.settle()

  const again = await run()

  expect(again.ok && again.value).toMatchObject({ number: 1, status: 'ended' })
})

test('arguments are measured in the bytes that they take', async () => {
  const { world, leaseId } = await active({ exitCode: 0 })
  const large = { ...demand, argv: ['echo', '€'.repeat(84_000)] }

  const refused = await runCommand(world.ports, holder(leaseId), leaseId, large, {
    hash: 'k',
    requestHash: 'r',
  })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'too_large' } })
})

async function readCommandItem(world: World, leaseId: string) {
  const item = await world.ports.table.get(commandKey(leaseId, 1))
  if (!item) throw new Error('no command')
  return commandOf(item)
}
