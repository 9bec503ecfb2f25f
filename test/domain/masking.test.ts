import fc from 'fast-check'
import { expect, test } from 'vitest'
import { heldBeginning, mask, needlesOf, NOTHING_HELD } from '../../lib/domain/masking.ts'
import type { Held } from '../../lib/domain/masking.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The text in these pieces, as it is handed on. */
function handedOn(secrets: readonly string[], pieces: readonly string[]): readonly string[] {
  const needles = needlesOf(secrets)
  let held: Held = NOTHING_HELD
  return pieces.map((piece, at) => {
    const masked = mask(needles, held, encode(piece), at === pieces.length - 1)
    held = masked.held
    return decode(masked.ready)
  })
}

/** As simple as it can be: each byte that any occurrence covers. */
function starred(secrets: readonly string[], text: string): string {
  const wanted = secrets.flatMap((secret) => [secret, ...secret.split('\n')]).filter((one) => one.length >= 4)
  return text
    .split('')
    .map((letter, at) =>
      wanted.some((one) => one.split('').some((_, back) => at - back >= 0 && text.startsWith(one, at - back)))
        ? '*'
        : letter,
    )
    .join('')
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 40 })

test('however output is cut, no byte of a secret is handed on, and every other byte is', () => {
  const secrets = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 7 }), {
    maxLength: 3,
  })
  fc.assert(
    fc.property(secrets, fc.array(letters, { minLength: 1 }), (given, pieces) => {
      const whole = handedOn(given, pieces).join('')

      expect(whole).toBe(starred(given, pieces.join('')))
    }),
    { numRuns: 500 },
  )
})

test('what may become a secret is held back until more has come', () => {
  const pieces = handedOn(['hunter2'], ['password: hun', 'ter', '2, hunt', 'ing'])

  expect(pieces).toEqual(['password: ', '', '*******, ', 'hunting'])
})

test('each line of a secret with several is hidden by itself', () => {
  const [text] = handedOn(['-----BEGIN-----\nMIIEvQ\n-----END-----'], ['got MIIEvQ'])

  expect(text).toBe('got ******')
})

test('values of three bytes hide nothing, and no secrets change nothing', () => {
  const [short] = handedOn(['abc'], ['abc'])
  const [none] = handedOn([], ['abc'])

  expect([short, none]).toEqual(['abc', 'abc'])
})

test('the end of a secret that began before is hidden too', () => {
  const needles = needlesOf(['hunter2'])

  const begun = mask(needles, heldBeginning(needles, encode('nter2 and more')), new Uint8Array(), true)
  const none = mask(needles, heldBeginning(needles, encode('nothing')), new Uint8Array(), true)

  expect([begun.ready, none.ready].map(decode)).toEqual(['***** and more', 'nothing'])
})
