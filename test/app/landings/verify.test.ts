import { spawnSync } from 'node:child_process'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FakeCommand } from '../../../lib/adapters/memory/hosts.ts'
import { violations } from '../../support/invariants.ts'
import { during, ended, land, openLandingWorld, START } from './landings.ts'

const steps = [
  { name: 'build', script: 'make', timeoutSeconds: 600 },
  { name: 'test', script: 'make test', timeoutSeconds: 600 },
]

test('the steps run in order in the copy of the commit, and then it is pushed', async () => {
  const ran: (readonly [string, string | undefined])[] = []
  const { world, remote } = await openLandingWorld({
    fakeHosts: {
      command: ({ argv, environment }) => {
        ran.push([argv.at(-1) ?? '', environment['DRYDOCK_COMMIT']])
        return { exitCode: 0, milliseconds: 5_000 }
      },
    },
  })

  const { id } = await land(world, { verify: steps })
  const landing = await ended(world, id)

  const commit = remote.head('example', 'main')
  expect(ran).toEqual([
    ['make', commit],
    ['make test', commit],
  ])
  expect(landing.steps).toMatchObject([
    { name: 'build', cause: 'exited', exitCode: 0 },
    { name: 'test', cause: 'exited', exitCode: 0 },
  ])
  expect(landing.outcome.result).toBe('landed')
})

test.each([
  ['begins with a dash', '-n 2>/dev/null || echo plain', 'plain'],
  ['names its interpreter', '#!/bin/cat\nby cat', '#!/bin/cat\nby cat'],
  ['goes on after a failure', 'false\necho never', ''],
])('a step whose script %s is run as a build’s is', async (_, script, said) => {
  using scratch = mkdtempDisposableSync(join(tmpdir(), 'verify-'))
  const ran: (readonly string[])[] = []
  const { world } = await openLandingWorld({
    fakeHosts: {
      command: ({ argv }) => {
        ran.push(argv)
        return { exitCode: 0 }
      },
    },
  })

  const { id } = await land(world, { verify: [{ name: 'x', script, timeoutSeconds: 60 }] })
  await ended(world, id)

  const [program = '', ...args] = ran[0] ?? []
  const { stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: scratch.path },
  })
  expect(stdout.trim()).toBe(said)
})

test('a step that fails is the end: nothing is pushed, and the branch is given back', async () => {
  const { world, remote } = await openLandingWorld({
    fakeHosts: { command: ({ argv }) => ({ exitCode: argv.includes('make test') ? 3 : 0 }) },
  })

  const { id } = await land(world, { verify: steps })
  const { outcome, steps: ran } = await ended(world, id)

  expect(outcome).toMatchObject({
    result: 'failed',
    code: 'verify_failed',
    detail: expect.stringContaining('test: exited with 3'),
  })
  expect(ran).toMatchObject([
    { name: 'build', exitCode: 0 },
    { name: 'test', cause: 'exited', exitCode: 3 },
  ])
  expect(remote.head('example', 'main')).toBe(START)
  expect(violations(world.table.items())).toEqual([])
})

test('steps that take longer than a lease’s ttl keep their lease', async () => {
  const slow: FakeCommand = { exitCode: 0, milliseconds: 25 * 60_000 }
  const { world } = await openLandingWorld({ fakeHosts: { command: () => slow } })

  const { id } = await land(world, {
    verify: [{ name: 'slow', script: 'sleep 1500', timeoutSeconds: 3_600 }],
  })
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 0 })
})

test('a lease that is lost while the steps run is replaced, and they run again', async () => {
  let runs = 0
  const { world } = await openLandingWorld({
    hosts: { alpha: 1, beta: 1 },
    fakeHosts: {
      command: () => {
        runs += 1
        return runs === 1 ? 'hang' : { exitCode: 0 }
      },
    },
  })
  const { id } = await land(world, { verify: steps.slice(0, 1) })
  await world.settle()
  const { lease } = await during(world, id, 'verifying')

  const { slot } = (await world.lease(lease)) as { slot: { host: string } }
  world.hosts.reimage(slot.host)
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1 })
  expect(runs).toBe(2)
})

test('with another head the steps run again, with the same one they do not', async () => {
  const ran: (string | undefined)[] = []
  const { world, remote } = await openLandingWorld({
    hosts: { alpha: 1, beta: 1 },
    fakeHosts: {
      command: ({ environment }) => {
        ran.push(environment['DRYDOCK_COMMIT'])
        return { exitCode: 0 }
      },
    },
  })
  world.hosts.answerNext('push', { kind: 'failed', fault: 'host', code: 'disk_full', detail: 'full' })
  world.hosts.answerNext('push', { kind: 'busy', detail: 'not now' })

  const { id } = await land(world, { verify: steps.slice(0, 1) })
  await world.settle()
  remote.setHead('example', 'main', 'b'.repeat(40))
  const landing = await ended(world, id)

  expect(landing).toMatchObject({ outcome: { result: 'landed' }, losses: 1, moves: 1 })
  expect(ran).toEqual(landing.made.map((one) => one.commit))
})
