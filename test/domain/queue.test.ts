import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseToken, isFurtherBack, turnOf, WINDOW } from '../../lib/domain/matching.ts'
import type { FreeToken } from '../../lib/domain/slot.ts'
import { PRIORITY_STEP, waiterKey } from '../../lib/domain/waiter.ts'

const places = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: waiterKey(1_000 + index, 0, `L${index}`),
    lease: `L${index}`,
    blueprint: 'linux',
  }))

const token = (host: string, warm: readonly string[] = []): FreeToken => ({
  pool: 'linux',
  key: `r#${host}#0`,
  host,
  number: 0,
  epoch: 1,
  warm,
})

test('waiter keys sort by base, then by lease', () => {
  const time = fc.integer({ min: 1_500_000_000_000, max: 3_000_000_000_000 })

  fc.assert(
    fc.property(time, time, fc.integer({ min: -10, max: 10 }), (one, other, priority) => {
      const keys = [waiterKey(one, priority, 'A'), waiterKey(other, priority, 'B')]

      expect(keys[0] !== undefined && keys[1] !== undefined && keys[0] < keys[1]).toBe(one <= other)
    }),
  )
})

test('one priority step is worth exactly ten minutes of age', () => {
  const now = 1_800_000_000_000

  const urgent = waiterKey(now + PRIORITY_STEP, 1, 'A')
  const patient = waiterKey(now, 0, 'A')

  expect(urgent).toBe(patient)
})

test.each([
  ['there is no token', 3, 0, 0, 'stop'],
  ['its turn has come', 3, 1, 2, 1],
  ['others are ahead of all tokens: it serves the head', 3, 2, 2, 0],
  ['it is gone from a queue that was seen whole', 3, 7, 2, 'stop'],
])('a handler stops or serves when %s', (_, waiting, own, tokens, expected) => {
  const queue = places(waiting)
  const key = waiterKey(1_000 + own, 0, `L${own}`)

  const turn = turnOf(key, queue, tokens, WINDOW)

  expect(turn.act === 'stop' ? 'stop' : turn.place).toEqual(
    expected === 'stop' ? 'stop' : queue[Number(expected)],
  )
})

test('a waiter beyond the window is not gone: its handler serves the head', () => {
  const queue = places(WINDOW)
  const key = waiterKey(1_000 + WINDOW + 50, 0, 'far')

  const turn = turnOf(key, queue, 1, WINDOW)

  expect(turn).toEqual({ act: 'serve', place: queue[0], position: 0 })
})

test('a waiter beyond the window is further back, and one that is seen is not', () => {
  const queue = places(WINDOW)
  const beyond = waiterKey(1_000 + WINDOW + 50, 0, 'far')
  const last = queue.at(-1)?.key ?? ''

  const judged = [beyond, last].map((key) => isFurtherBack(key, queue, WINDOW))

  expect(judged).toEqual([true, false])
})

test('of a queue that was seen to its end nobody is further back', () => {
  const queue = places(3)

  const judged = isFurtherBack(waiterKey(1_000 + 50, 0, 'far'), queue, WINDOW)

  expect(judged).toBe(false)
})

test('far back in a crowd the place decides, not what is warm: all would want the same few', () => {
  const tokens = Array.from({ length: WINDOW + 2 }, (_, at) =>
    token(`host-${String(at).padStart(3, '0')}`, at === 0 ? ['example'] : []),
  )

  const chosen = chooseToken(tokens, { repository: 'example', avoid: [] }, WINDOW + 1)

  expect(chosen?.host).toBe(`host-${WINDOW + 1}`)
})

test('of several warm slots waiters at different places take different ones', () => {
  const tokens = ['alpha', 'beta', 'gamma'].map((host, at) => ({ ...token(host, ['example']), usedAt: at }))

  const chosen = [0, 1, 2].map((place) => chooseToken(tokens, { repository: 'example', avoid: [] }, place))

  expect(chosen.map((one) => one?.host)).toEqual(['gamma', 'beta', 'alpha'])
})

test('a token that is warm for the repository is taken before others', () => {
  const tokens = [token('alpha'), token('beta', ['example']), token('gamma')]

  const chosen = chooseToken(tokens, { repository: 'example', avoid: [] }, 0)

  expect(chosen?.host).toBe('beta')
})

test.each([
  ['its last use was of that repository', [token('alpha', ['other', 'example']), token('beta', ['example'])]],
  [
    'it was used for it latest',
    [
      { ...token('alpha', ['example']), usedAt: 1_000 },
      { ...token('beta', ['example']), usedAt: 2_000 },
    ],
  ],
])('of two warm slots the one is taken that %s', (_, tokens) => {
  const chosen = [tokens, tokens.toReversed()].map((seen) =>
    chooseToken(seen, { repository: 'example', avoid: [] }, 0),
  )

  expect(chosen.map((one) => one?.host)).toEqual(['beta', 'beta'])
})

test('a host that failed the lease is avoided while another one is free', () => {
  const tokens = [token('alpha', ['example']), token('beta')]

  expect(chooseToken(tokens, { repository: 'example', avoid: ['alpha'] }, 0)?.host).toBe('beta')
  expect(chooseToken(tokens, { avoid: ['alpha', 'beta'] }, 0)?.host).toBe('alpha')
})

test('waiters at different places of the queue take different slots, in whatever order they see them', () => {
  const tokens = [token('alpha'), token('beta'), token('gamma')]
  const wish = { avoid: [] }

  const chosen = [0, 1, 2].map((position) =>
    chooseToken(position === 1 ? tokens.toReversed() : tokens, wish, position),
  )

  expect(new Set(chosen.map((one) => one?.host)).size).toBe(3)
})
