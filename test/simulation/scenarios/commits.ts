import type { Random } from '../kernel/random.ts'
import type { CheckoutFate } from '../hosts/checkouts.ts'

/** Commits to ask for; the first letters of each tell what becomes of its checkout. */
export function drawCommit(random: Random): string {
  const kind = random.pick(['a', 'a', 'a', 'a', 'b', 'b', 'c', 'd'] as const)
  return kind + random.word('0123456789abcdef', 39)
}

/** Quick, slow over many slices, not there, or behind a git server that is away for a while. */
export function fateOf(commit: string): CheckoutFate {
  const number = Number.parseInt(commit.slice(1, 5), 16)
  switch (commit[0]) {
    case 'b':
      return { kind: 'done', milliseconds: 20_000 + (number % 100_000) }
    case 'c':
      return { kind: 'request' }
    case 'd':
      return { kind: 'remote', milliseconds: 5_000 + (number % 200_000) }
    case undefined:
    default:
      return { kind: 'done', milliseconds: number % 3_000 }
  }
}
