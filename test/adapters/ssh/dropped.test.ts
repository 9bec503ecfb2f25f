import { expect, test } from 'vitest'
import { runDropped } from '../../support/hosts/dropped.ts'

test('connections that are cut again and again lose and repeat no line of a command', async () => {
  const lines = 200

  const seen = await runDropped({ lines, everyMilliseconds: 300, sliceMilliseconds: 700 })

  const numbered = (word: string) => Array.from({ length: lines }, (_, line) => `${word} ${line}\n`).join('')
  expect(seen.exitCode).toBe(0)
  expect(seen.stdout).toBe(numbered('line'))
  expect(seen.stderr).toBe(numbered('warning'))
  expect(seen.connections).toBeGreaterThan(3)
})
