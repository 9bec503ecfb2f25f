import { expect, test } from 'vitest'
import { brokenIn } from '../chaos/poisons/shown.ts'
import { poisonMatrix } from '../chaos/poisons/matrix.ts'
import { poisons } from '../host/poisons/poisons.ts'
import { mayChangeUsers } from '../support/hosts/levels.ts'

/** All of them, with the table, are tried by `npm run chaos -- --only poisons`. */
const SOME = ['a replaced blob', 'core.fsmonitor', 'skip-worktree with edits', 'CRLF under text=auto']

test('what a job leaves in its copy, however its lease ends, the next lease does not meet', async () => {
  const some = poisons.filter(([name]) => SOME.includes(name))

  const found = await poisonMatrix(some, mayChangeUsers ? 'user' : 'process')

  expect(found.outcomes.size).toBe(SOME.length)
  expect(brokenIn(found)).toEqual([])
}, 240_000)
