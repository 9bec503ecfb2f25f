import { seededFraction } from '../../support/seeded.ts'

/** Of all calls that wait for their turn, one goes on at a time; the seed decides which. */
export function createTurns(seed: number): () => Promise<void> {
  const fraction = seededFraction(seed)
  const waiting: (() => void)[] = []
  let busy = false
  /** Comes after everything that is at work has reached its next call. */
  const next = () => {
    const [one] = waiting.splice(Math.floor(fraction() * waiting.length), 1)
    one?.()
    busy = waiting.length > 0
    if (busy) setImmediate(next)
  }
  return async () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (busy) return
      busy = true
      setImmediate(next)
    })
}
