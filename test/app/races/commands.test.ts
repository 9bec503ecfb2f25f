import { expect, test } from 'vitest'
import type { Command } from '../../../lib/app/commands/command.ts'
import { commandOf } from '../../../lib/app/commands/command.ts'
import { awaitOutput, cancelCommand } from '../../../lib/app/commands/read-command.ts'
import { runCommand } from '../../../lib/app/commands/run-command.ts'
import { storeOutput } from '../../../lib/app/commands/store-output.ts'
import { releaseLease } from '../../../lib/app/leases/release-lease.ts'
import type { Ports } from '../../../lib/app/ports/ports.ts'
import { commandKey } from '../../../lib/app/store/keys.ts'
import type { World } from '../../support/world.ts'
import { CI, holder } from '../../support/world.ts'
import { late, lostTo } from '../support/late.ts'
import { itemAt } from '../support/look.ts'
import { activeWorld } from './arrange.ts'

const DEMAND = { argv: ['make'], environment: { SECRET: 's3cret' }, timeoutSeconds: 60, directory: '.' }

const run = async (ports: Ports, id: string, key: string) =>
  runCommand(ports, holder(id), id, DEMAND, { hash: key, requestHash: 'r' })

const commandNow = (world: World, id: string): Command => commandOf(itemAt(world, commandKey(id, 1)))
const nothing = new Uint8Array()
const said = (text: string) => ({ stdout: new TextEncoder().encode(text), stderr: nothing })

test('next_command: two commands that are asked for at once get numbers of their own', async () => {
  const { world, lease } = await activeWorld()
  const { ports, outcomes } = late(world, 'next_command', async () => run(world.ports, lease.id, 'other'))

  const second = await run(ports, lease.id, 'one')

  expect(lostTo(outcomes)).toContain('next_command')
  expect(second).toMatchObject({ ok: true, value: { number: 2 } })
  expect((await world.lease(lease.id)).commands).toBe(2)
})

test('next_command: nothing is started in a lease that ended after it was read', async () => {
  const { world, lease } = await activeWorld()
  const { ports, outcomes } = late(world, 'next_command', async () =>
    releaseLease(world.ports, holder(lease.id), lease.id, 'ok'),
  )

  const refused = await run(ports, lease.id, 'one')

  expect(lostTo(outcomes)).toContain('next_command')
  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'lease_lost' } })
  expect(world.table.items().some((item) => item.SK.startsWith('CMD#'))).toBe(false)
})

test('next_command: the same key twice at once starts one command', async () => {
  const { world, lease } = await activeWorld()
  const { ports, outcomes } = late(world, 'next_command', async () => run(world.ports, lease.id, 'one'))

  const again = await run(ports, lease.id, 'one')

  expect(lostTo(outcomes)).toContain('key_not_used')
  expect(again).toMatchObject({ ok: true, value: { number: 1 } })
  expect((await world.lease(lease.id)).commands).toBe(1)
})

test('output_at: of two followers that stopped at the same place, one appends', async () => {
  const { world, lease } = await activeWorld()
  await run(world.ports, lease.id, 'one')
  const seen = commandNow(world, lease.id)
  const { ports, outcomes } = late(world, 'output_at', async () =>
    storeOutput(world.ports, seen, said('line 1\nline 2\n'), { status: 'running' }),
  )

  const stored = await storeOutput(ports, seen, said('line 1\n'), { status: 'running' })

  const page = await awaitOutput(world.ports, CI, lease.id, 1, 0, 0)
  const text =
    page.ok &&
    page.value.chunks.map((chunk) => 'bytes' in chunk && new TextDecoder().decode(chunk.bytes)).join('')
  expect(lostTo(outcomes)).toContain('output_at')
  expect(stored).toBeUndefined()
  expect(text).toBe('line 1\nline 2\n')
})

test('output_at: who ends a command does not forget what it has said meanwhile on the other stream', async () => {
  const { world, lease } = await activeWorld()
  await run(world.ports, lease.id, 'one')
  const seen = commandNow(world, lease.id)
  const complaint = { stdout: nothing, stderr: new TextEncoder().encode('a warning\n') }
  const { ports, outcomes } = late(world, 'output_at', async () =>
    storeOutput(world.ports, seen, complaint, { status: 'running' }),
  )

  const stored = await storeOutput(ports, seen, said(''), { status: 'ended', cause: 'lease_lost' })

  expect(lostTo(outcomes)).toEqual(['output_at'])
  expect(stored).toBeUndefined()
  expect(commandNow(world, lease.id)).toMatchObject({ status: 'running', stderrBytes: 10 })
})

test('output_at: nothing is appended to a command that has ended, and its end is told once', async () => {
  const { world, lease } = await activeWorld()
  await run(world.ports, lease.id, 'one')
  const seen = commandNow(world, lease.id)
  const end = { status: 'ended', cause: 'exited', exitCode: 0 } as const
  const { ports, outcomes } = late(world, 'output_at', async () =>
    storeOutput(world.ports, seen, said(''), end),
  )

  await storeOutput(ports, seen, said(''), { status: 'ended', cause: 'lease_lost' })

  expect(lostTo(outcomes)).toEqual(['output_at'])
  expect(commandNow(world, lease.id)).toMatchObject({ cause: 'exited', exitCode: 0 })
  expect(commandNow(world, lease.id)).not.toHaveProperty('environment')
})

test('command_not_ended: a command that ended before it was cancelled says that it has ended', async () => {
  const { world, lease } = await activeWorld()
  await run(world.ports, lease.id, 'one')
  const end = { status: 'ended', cause: 'exited', exitCode: 0 } as const
  const { ports, outcomes } = late(world, 'command_not_ended', async () =>
    storeOutput(world.ports, commandNow(world, lease.id), said(''), end),
  )

  const cancelled = await cancelCommand(ports, holder(lease.id), lease.id, 1)

  expect(lostTo(outcomes)).toEqual(['command_not_ended'])
  expect(cancelled).toMatchObject({ ok: false, refusal: { refused: 'already_ended' } })
  expect(commandNow(world, lease.id)).toMatchObject({ cause: 'exited', cancel: false })
})
