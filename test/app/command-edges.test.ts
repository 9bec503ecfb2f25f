import { expect, test } from 'vitest'
import type { FakeCommand } from '../../lib/adapters/memory/hosts.ts'
import { followCommand } from '../../lib/app/commands/follow-command.ts'
import { awaitCommand, awaitOutput, cancelCommand } from '../../lib/app/commands/read-command.ts'
import { runCommand } from '../../lib/app/commands/run-command.ts'
import type { HostAnswer } from '../../lib/app/ports/hosts.ts'
import { commandKey, hostKey, leaseKey, outputKey } from '../../lib/app/store/keys.ts'
import { CI, holder, openWorld } from '../support/world.ts'
import { hostNow, itemAt, remove, set, slotsNow } from './support/look.ts'

const DEMAND = { argv: ['make'], environment: {}, timeoutSeconds: 60, directory: '.' }
const KEY = { hash: 'k', requestHash: 'r' }
const gone: HostAnswer<never> = { kind: 'failed', fault: 'host', code: 'unreachable', detail: 'gone' }
const STRANGER = { ...CI, principal: 'api-token/other' }

/** A command that was asked for and that nobody follows. */
async function asked(command: FakeCommand = 'hang') {
  const world = await openWorld({ fakeHosts: { command: () => command } })
  const { leaseId } = await world.ask()
  await world.settle()
  world.halt(true)
  await runCommand(world.ports, holder(leaseId), leaseId, DEMAND, KEY)
  const follow = async () => followCommand(world.ports, leaseId, 1, 1)
  const command1 = () => itemAt(world, commandKey(leaseId, 1))
  const output = async (after: number, milliseconds = 0) =>
    awaitOutput(world.ports, CI, leaseId, 1, after, milliseconds)
  return { world, leaseId, follow, command: command1, output }
}

test('a command whose host is not there any more ends with its lease', async () => {
  const { world, leaseId, follow, command } = await asked()
  await remove(world, itemAt(world, hostKey('alpha')))

  const route = await follow()

  expect(route).toEqual({ route: 'DONE' })
  expect(command()).toMatchObject({ status: 'ended', cause: 'lease_lost' })
  expect((await world.lease(leaseId)).status).toBe('active')
})

test('a command that was started by a follower who died is cancelled all the same', async () => {
  const { world, leaseId, follow, command } = await asked()
  const [slot] = slotsNow(world, 'alpha')
  const ref = { slot: 0, nonce: slot?.nonce ?? '', epoch: slot?.epoch ?? 0 }
  await world.hosts.run(hostNow(world, 'alpha'), ref, { number: 1, ...DEMAND })
  await cancelCommand(world.ports, holder(leaseId), leaseId, 1)

  await follow()

  expect(command()).toMatchObject({ status: 'ended', cause: 'cancelled' })
  expect(world.hosts.running()).toEqual([])
})

test.each([
  ['before it started', false],
  ['while it runs', true],
])('a cancellation that does not reach the host %s is tried again', async (_, started) => {
  const { world, leaseId, follow, command } = await asked()
  if (started) await follow()
  await cancelCommand(world.ports, holder(leaseId), leaseId, 1)
  world.hosts.answerNext('cancel', gone)

  const first = await follow()
  const then = command()['status']
  await follow()

  expect(first).toEqual({ route: 'AGAIN', seconds: 0 })
  expect(then).toBe(started ? 'running' : 'starting')
  expect(command()).toMatchObject({ status: 'ended', cause: 'cancelled' })
})

test('a host that cannot be reached for output is asked again, and nothing is lost', async () => {
  const { world, follow, output } = await asked({ exitCode: 0, stdout: 'built' })
  world.hosts.answerNext('perform', gone)

  const first = await follow()
  const second = await follow()

  const page = await output(0)
  expect([first.route, second.route]).toEqual(['AGAIN', 'DONE'])
  expect(page.ok && page.value).toMatchObject({ ended: true, next: 5 })
})

test('a look that finds nothing new writes nothing', async () => {
  const { world, follow, command } = await asked({ exitCode: 0, stdout: 'built', milliseconds: 60_000 })
  await follow()
  const before = world.table.items()

  await follow()

  expect(command()['status']).toBe('running')
  expect(world.table.items()).toEqual(before)
})

test('a command whose supervisor died with it has no exit code', async () => {
  const { world, leaseId, command } = await asked()
  const end = { exitCode: null, cause: 'lost', startedAt: 1, endedAt: 2 } as const
  const none = new Uint8Array()
  const seen = { stdout: none, stderr: none, stdoutSize: 0, stderrSize: 0, end }
  const hosts = { ...world.ports.hosts, perform: async () => ({ kind: 'done', value: seen }) as const }

  await followCommand({ ...world.ports, hosts }, leaseId, 1, 1)

  expect(command()).toMatchObject({ status: 'ended', cause: 'lost', startedAt: 1, endedAt: 2 })
  expect(command()).not.toHaveProperty('exitCode')
})

test('strangers neither see nor cancel a command, and its owner does not cancel it', async () => {
  const { world, leaseId } = await asked()

  const codes = [
    await awaitCommand(world.ports, STRANGER, leaseId, 1, 0),
    await awaitOutput(world.ports, STRANGER, leaseId, 1, 0, 0),
    await cancelCommand(world.ports, STRANGER, leaseId, 1),
    await cancelCommand(world.ports, CI, leaseId, 1),
  ].map((result) => result.ok || result.refusal.refused)

  expect(codes).toEqual(['not_found', 'not_found', 'not_found', 'not_authorized'])
})

test('a command that is not there has no output, and is not cancelled', async () => {
  const { world, leaseId } = await asked()

  const output = await awaitOutput(world.ports, CI, leaseId, 2, 0, 0)
  const cancelled = await cancelCommand(world.ports, holder(leaseId), leaseId, 2)

  expect(output).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
  expect(cancelled).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})

test('a command that has ended cannot be cancelled, and stays as it ended', async () => {
  const { world, leaseId, follow, command } = await asked({ exitCode: 3 })
  await follow()

  const cancelled = await cancelCommand(world.ports, holder(leaseId), leaseId, 1)

  expect(cancelled).toMatchObject({ ok: false, refusal: { refused: 'already_ended' } })
  expect(command()).toMatchObject({ cause: 'exited' })
})

test('whoever has read all there is waits for more, and is answered when its time is up', async () => {
  const { world, follow, output } = await asked({ exitCode: 0, stdout: 'built', milliseconds: 60_000 })
  await follow()
  const before = world.ports.clock.now()

  const page = await output(5, 1_000)

  expect(page).toEqual({ ok: true, value: { chunks: [], next: 5, ended: false } })
  expect(world.ports.clock.now() - before).toBeGreaterThanOrEqual(1_000)
})

test('whoever waits for output is answered as soon as there is some', async () => {
  const { world, follow, output } = await asked({ exitCode: 0, stdout: 'built', milliseconds: 60_000 })
  await follow()
  const before = world.ports.clock.now()

  const page = await output(2, 10_000)

  expect(page.ok && page.value.next).toBe(5)
  expect(world.ports.clock.now()).toBe(before)
})

test('output whose beginning was collected is read from what is left of it', async () => {
  const stdout = 'x'.repeat(65_536) + 'rest'
  const { world, leaseId, follow, output } = await asked({ exitCode: 0, stdout })
  await follow()
  await remove(world, itemAt(world, outputKey(leaseId, 1, 0)))

  const page = await output(0)

  expect(page.ok && page.value.chunks.map(({ offset }) => offset)).toEqual([65_536])
})

test('output that was collected behind its beginning is not made up', async () => {
  const stdout = 'x'.repeat(65_536) + 'rest'
  const { world, leaseId, follow, output } = await asked({ exitCode: 0, stdout })
  await follow()
  await remove(world, itemAt(world, outputKey(leaseId, 1, 65_536)))

  const page = await output(65_537)

  expect(page).toMatchObject({ ok: true, value: { chunks: [], next: 65_537, ended: false } })
})

test('a lease runs as many commands as its numbers go', async () => {
  const { world, leaseId } = await asked()
  await set(world, leaseKey(leaseId), { commands: 9_999 })

  const refused = await runCommand(world.ports, holder(leaseId), leaseId, DEMAND, { ...KEY, hash: 'next' })

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'impossible' } })
})

test('a key whose command was collected says so', async () => {
  const { world, leaseId } = await asked()
  await remove(world, itemAt(world, commandKey(leaseId, 1)))

  const refused = await runCommand(world.ports, holder(leaseId), leaseId, DEMAND, KEY)

  expect(refused).toMatchObject({ ok: false, refusal: { refused: 'not_found' } })
})
