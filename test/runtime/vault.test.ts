import { expect, test } from 'vitest'
import { createVault } from '../../lib/runtime/vault.ts'

const vault = createVault(async () => Buffer.alloc(32, 1))

test('what was sealed opens in its place, and shows nothing of itself', async () => {
  const sealed = await vault.seal('s3cret ✓', 'here')

  const opened = await vault.open(sealed, 'here')

  expect(opened).toBe('s3cret ✓')
  expect(Buffer.from(sealed).includes('s3cret')).toBe(false)
})

test('the same text is never sealed alike', async () => {
  const [one, two] = await Promise.all([vault.seal('text', 'here'), vault.seal('text', 'here')])

  expect(Buffer.compare(one, two)).not.toBe(0)
})

test.each([
  ['in another place', 'there', (sealed: Uint8Array) => sealed],
  [
    'when a bit has changed',
    'here',
    (sealed: Uint8Array) => sealed.with(sealed.length - 1, (sealed.at(-1) ?? 0) ^ 1),
  ],
  ['when it was cut', 'here', (sealed: Uint8Array) => sealed.subarray(0, 20)],
  ['of another form', 'here', (sealed: Uint8Array) => sealed.with(0, 2)],
])('it does not open %s', async (_, place, change) => {
  const sealed = new Uint8Array(await vault.seal('text', 'here'))

  await expect(vault.open(change(sealed), place)).rejects.toThrow(/\S/)
})

test('it does not open with another key', async () => {
  const other = createVault(async () => Buffer.alloc(32, 2))
  const sealed = await vault.seal('text', 'here')

  await expect(other.open(sealed, 'here')).rejects.toThrow(/\S/)
})
