import { expect, test } from 'vitest'
import { spawnTied } from '../../../infra/local/processes/tied.ts'
import { eventually, groupOf } from './inspect.ts'
import { startParent } from './parent.ts'

const environment = { PATH: process.env['PATH'] ?? '' }
const ignoreLines = (): undefined => undefined

test('a tied process and its children die with a parent that was killed by SIGKILL', async () => {
  await using held = await startParent('holds-a-command')
  const before = groupOf(held.pid)

  held.parent.kill('SIGKILL')

  await eventually('the group is gone', () => groupOf(held.pid).length === 0)
  expect(before.length).toBeGreaterThanOrEqual(3)
})

test('a Ctrl-C in the terminal of the parent does not reach a tied process', async () => {
  const held = spawnTied('sleep', ['600'], { environment, onLine: ignoreLines })

  const own = groupOf(held.pid)

  expect(own).toContain(held.pid)
  expect(own).not.toContain(process.pid)
  await held.kill()
})

test.each([
  { how: 'ends with a code', script: 'exit 7', exit: { code: 7, signal: null } },
  { how: 'is ended by a signal', script: 'kill -s TERM $$', exit: { code: null, signal: 'SIGTERM' } },
])('a tied process that $how says so and leaves no watcher', async ({ script, exit }) => {
  const held = spawnTied('/bin/sh', ['-c', script], { environment, onLine: ignoreLines })

  const ended = await held.ended

  expect(ended).toEqual(exit)
  await eventually('the watcher is gone', () => groupOf(held.pid).length === 0)
})

test('a tied process has the environment it was given, an empty stdin, and its lines are passed on', async () => {
  const lines: string[] = []
  const held = spawnTied('/bin/sh', ['-c', 'cat; env | grep -v PWD; echo last >&2; printf unfinished'], {
    environment: { ...environment, GIVEN: 'yes' },
    onLine: (line) => lines.push(line),
  })

  await held.ended

  expect(lines.toSorted()).toEqual([`PATH=${environment.PATH}`, 'GIVEN=yes', 'last', 'unfinished'].toSorted())
})

test('stop lets a process end by itself', async () => {
  const held = await started('trap "exit 3" TERM; echo up; while :; do sleep 0.01; done')

  const exit = await held.stop(10_000)

  expect(exit).toEqual({ code: 3, signal: null })
})

test('stop kills a process that does not end within the grace', async () => {
  const held = await started('trap "" TERM; echo up; while :; do sleep 0.01; done')

  const exit = await held.stop(1)

  expect(exit).toEqual({ code: null, signal: 'SIGKILL' })
  await eventually('the group is gone', () => groupOf(held.pid).length === 0)
})

test('a working directory that does not exist is an error at once', () => {
  const start = (): unknown =>
    spawnTied('true', [], { environment, onLine: ignoreLines, workingDirectory: '/does/not/exist' })

  expect(start).toThrow('/does/not/exist')
})

async function started(script: string): Promise<ReturnType<typeof spawnTied>> {
  let up = false
  const onLine = (): void => void (up = true)
  const held = spawnTied('/bin/sh', ['-c', script], { environment, onLine })
  await eventually('the process is up', () => up)
  return held
}
