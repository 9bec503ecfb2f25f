import { expect, test } from 'vitest'
import { createFaults } from '../faults/faults.ts'
import type { Profile } from '../faults/profiles.ts'
import { PROFILES } from '../faults/profiles.ts'
import { createKernel } from '../kernel/kernel.ts'
import { createLog } from '../kernel/log.ts'
import { randomStream } from '../kernel/random.ts'
import type { Outside } from './process.ts'
import { createProcess, reach } from './process.ts'

function outsideWith(shares: Profile['shares']): Outside {
  const kernel = createKernel(1, 0)
  const profile = { ...PROFILES.calm, shares }
  return {
    kernel,
    faults: createFaults({ seed: 1, profile, active: () => true }),
    random: randomStream(1, 'outside'),
    log: createLog('nothing', kernel.now),
  }
}

/** Makes one call and says what was seen of it: in the end, in a finally, and outside. */
async function callOnce(outside: Outside, kill?: number) {
  const seen: string[] = []
  const process = createProcess(outside, 'process#1')
  const work = async () => {
    try {
      await reach(outside, process, { what: 'a call', effect: async () => void seen.push('effect') })
      seen.push('answer')
    } finally {
      seen.push('finally')
    }
  }
  void work()
  if (kill !== undefined) outside.kernel.after(kill, () => process.kill('for the test'))
  await outside.kernel.run(100_000)
  return { seen, alive: process.alive() }
}

test('a call takes effect, and then its process goes on', async () => {
  const { seen, alive } = await callOnce(outsideWith({}))

  expect(seen).toEqual(['effect', 'answer', 'finally'])
  expect(alive).toBe(true)
})

test('a process that dies before a call has not made it, and nothing of it happens any more', async () => {
  const { seen, alive } = await callOnce(outsideWith({ 'died before a call': 1_000 }))

  expect(seen).toEqual([])
  expect(alive).toBe(false)
})

test('a process that dies after a call has made it, and nothing of it happens any more', async () => {
  const { seen, alive } = await callOnce(outsideWith({ 'died after a call': 1_000 }))

  expect(seen).toEqual(['effect'])
  expect(alive).toBe(false)
})

test('what a process had sent when it was killed still takes effect', async () => {
  const { seen } = await callOnce(outsideWith({}), 0)

  expect(seen).toEqual(['effect'])
})
