import type { FreeToken } from './slot.ts'

/** Where a waiter stands. */
export interface Place {
  readonly key: string
  readonly lease: string
  readonly blueprint: string
}

/** Of a queue, and of the tokens of a pool, a handler looks at so many at once. */
export const WINDOW = 100
/** And at so many where its own place is further back: in a crowd it is cheaper to see far once than to look often. */
export const WIDE = 1_000

/** Whether a waiter may stand behind the first `window` places of its queue; else it is among them, or gone. */
export function isFurtherBack(own: string, queue: readonly Place[], window: number): boolean {
  const last = queue[queue.length - 1]
  return queue.length === window && last !== undefined && own > last.key
}

/**
 * What a handler does for its waiter after it has read the free tokens and then the queue, both consistently.
 * It may stop only on an observation made after its own write: no token is left, or its own waiter is gone.
 * Otherwise somebody is served: itself where its turn has come, else the head of the queue.
 *
 * @param queue its first `window` places.
 */
export function turnOf(
  own: string,
  queue: readonly Place[],
  tokens: number,
  window: number,
): { readonly act: 'stop' } | { readonly act: 'serve'; readonly place: Place; readonly position: number } {
  if (tokens === 0) return { act: 'stop' }
  const position = queue.findIndex((place) => place.key === own)
  const gone = position < 0 && !isFurtherBack(own, queue, window)
  const turn = position >= 0 && position < tokens ? position : 0
  const place = queue[turn]
  return gone || !place ? { act: 'stop' } : { act: 'serve', place, position: turn }
}

/**
 * Of the tokens seen, one for this lease: on a host that has not failed it where there is such a one; of these one on
 * which untrusted code ran for who is not trusted, and another one for who is, where there is such a one; of these one
 * that is warm for its repository; of these the ones whose use of it is nearest, which is the place in the slot's list
 * and then the time. Of those that are left, waiters at different places of the queue take different ones, so that many
 * who are served at once do not get in each other's way.
 */
export function chooseToken(
  tokens: readonly FreeToken[],
  wish: { readonly repository?: string; readonly avoid: readonly string[]; readonly untrusted?: true },
  position: number,
): FreeToken | undefined {
  const fresh = preferred(tokens, (token) => !wish.avoid.includes(token.host))
  const able = preferred(fresh, (token) => token.tainted === wish.untrusted)
  const { repository } = wish
  const warm = repository === undefined ? [] : byNearestUse(able, repository)
  // Far back in a crowd all would want the same few.
  const ordered = warm.length > 0 && position < WINDOW ? warm : able.toSorted(byKey)
  return ordered[position % ordered.length]
}

const preferred = <T>(all: readonly T[], is: (one: T) => boolean): readonly T[] => {
  const some = all.filter(is)
  return some.length > 0 ? some : all
}

function byNearestUse(tokens: readonly FreeToken[], repository: string): readonly FreeToken[] {
  const uses = (token: FreeToken) => token.warm.indexOf(repository)
  return tokens
    .filter((token) => uses(token) >= 0)
    .toSorted(
      (one, other) => uses(one) - uses(other) || (other.usedAt ?? 0) - (one.usedAt ?? 0) || byKey(one, other),
    )
}

const byKey = (one: FreeToken, other: FreeToken): number => (one.key < other.key ? -1 : 1)
