import { expect, test } from 'vitest'
import { followCommand } from '../../lib/app/commands/follow-command.ts'
import { awaitCommand } from '../../lib/app/commands/read-command.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { CI, holder, openWorld } from '../support/world.ts'

const failed = (fault: 'request' | 'host'): HostAnswer<never> => ({
  kind: 'failed',
  fault,
  code: 'script_failed',
  detail: 'x',
})
const demand = { argv: ['make'], environment: {}, timeoutSeconds: 60, directory: '.' }
const key = { hash: 'k', requestHash: 'r' }

test.each([
  [
    "the caller's own fault ends it as refused",
    failed('request'),
    'DONE',
    { status: 'ended', cause: 'refused' },
  ],
  [
    'a fence ends it with its lease',
    { kind: 'refused', code: 'stale', detail: 'old' } as const,
    'DONE',
    { status: 'ended', cause: 'lease_lost' },
  ],
  ['anything else is tried again', failed('host'), 'AGAIN', { status: 'starting' }],
])('a command that its host does not start: %s', async (_, answer, route, expected) => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  await runCommand(world.ports, holder(leaseId), leaseId, demand, key)
  world.hosts.answerNext('perform', answer)

  const followed = await followCommand(world.ports, leaseId, 1, 1)

  const command = await awaitCommand(world.ports, CI, leaseId, 1, 0)
  expect(followed.route).toBe(route)
  expect(command.ok && command.value).toMatchObject(expected)
})

test('a command is refused when it is too large, too early, or its key was used for another', async () => {
  const world = await openWorld()
  const { leaseId } = await world.ask()
  const early = await runCommand(world.ports, holder(leaseId), leaseId, demand, key)
  await world.settle()
  const large = await runCommand(
    world.ports,
    holder(leaseId),
    leaseId,
    { ...demand, argv: ['x'.repeat(250_001)] },
    key,
  )
  await runCommand(world.ports, holder(leaseId), leaseId, demand, key)

  const reused = await runCommand(world.ports, holder(leaseId), leaseId, demand, {
    ...key,
    requestHash: 'other',
  })
  const none = await awaitCommand(world.ports, CI, leaseId, 7, 0)

  const codes = [early, large, reused, none].map((result) => result.ok || result.refusal.refused)
  expect(codes).toEqual(['not_active', 'too_large', 'key_reused', 'not_found'])
})
