import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headOf, tailOf, total } from '../../lib/domain/output-limit.ts'

const size = fc.integer({ min: 0, max: 1_000 })

test('what is kept of the end fits the limit, and nothing is left out that would fit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 500 }),
      size,
      size,
      size,
      size,
      (limit, out, err, moreOut, moreErr) => {
        const kept = { stdout: out, stderr: err }
        const sizes = { stdout: out + moreOut, stderr: err + moreErr }

        const from = tailOf(limit, kept, sizes)

        const tail = total(sizes) - total(from)
        expect(tail).toBe(Math.min(moreOut + moreErr, limit - headOf(limit)))
        expect(from.stdout).toBeGreaterThanOrEqual(out)
        expect(from.stderr).toBeGreaterThanOrEqual(err)
        expect(from.stdout).toBeLessThanOrEqual(sizes.stdout)
        expect(from.stderr).toBeLessThanOrEqual(sizes.stderr)
      },
    ),
  )
})

test('a stream that says much does not take the room of one that says little', () => {
  const from = tailOf(100, { stdout: 50, stderr: 0 }, { stdout: 10_000, stderr: 20 })

  expect(from).toEqual({ stdout: 9_970, stderr: 0 })
})
