import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'

import { compareUtf8 } from '../../../lib/adapters/dynamodb/order.ts'

test('sort keys are compared as their UTF-8 bytes are', () => {
  const text = string({ unit: 'binary', maxLength: 6 })

  assert(
    property(text, text, (left, right) => {
      expect(Math.sign(compareUtf8(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)))
    }),
    { numRuns: 2_000 },
  )
})
