import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alive } from './support/observe.ts'
import { startProgram } from './support/program.ts'
import type { Program } from './support/program.ts'

let directory: string
let started: Program | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'announced-'))
})
afterEach(() => {
  started?.end()
  rmSync(directory, { recursive: true, force: true })
})

test.for([
  { whom: 'the command', group: false, signal: 'SIGINT' },
  { whom: 'the command', group: false, signal: 'SIGTERM' },
  { whom: 'its whole group, as a terminal does', group: true, signal: 'SIGINT' },
] as const)('$signal to $whom ends everything in order', async ({ group, signal }) => {
  started = await startProgram('node', directory)

  process.kill(group ? -started.pid : started.pid, signal)

  expect(await started.ended).toEqual({ code: 0, signal: null })
  expect(await started.left()).toEqual([])
  expect(readdirSync(join(directory, '.drydock'))).toEqual([])
  expect(started.files()).toEqual([])
})

test.for([
  { whom: 'the command that was typed', victim: (program: Program) => program.pid },
  { whom: 'the process of the stack', victim: (program: Program) => program.stack },
])('nothing is left when $whom is killed', async ({ victim }) => {
  started = await startProgram('node', directory)

  process.kill(victim(started), 'SIGKILL')

  await started.ended
  expect(await started.left()).toEqual([])
})

test('nothing is left when npm is killed', async () => {
  started = await startProgram('npm', directory)

  process.kill(started.pid, 'SIGKILL')

  await started.ended
  expect(await started.left()).toEqual([])
})

test('what a killed run left on disk is removed by the next one', async () => {
  const killed = await startProgram('node', directory)
  process.kill(killed.stack, 'SIGKILL')
  await killed.left()

  started = await startProgram('node', directory)

  expect(killed.files()).toEqual([])
  expect(alive(started.stack)).toBe(true)
})
