import { expect, test } from 'vitest'
import { synthesized } from './support/synthesized.ts'

test('nothing in the stacks offends AwsSolutions without a reason beside it', () => {
  const synthesis = () => synthesized({ nag: true })

  expect(synthesis).not.toThrow()
})
