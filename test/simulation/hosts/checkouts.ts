import type { CheckoutRequest, CheckoutState, HostAnswer } from '../../../lib/app/ports/hosts.ts'

/** What becomes of the checkout of one commit. */
export type CheckoutFate =
  | { readonly kind: 'done'; readonly milliseconds: number }
  | { readonly kind: 'request' }
  /** The git server is away until so long after the first attempt anywhere. */
  | { readonly kind: 'remote'; readonly milliseconds: number }

/** The checkouts that run on slots, each until it ends, or its slot is emptied. */
export interface Checkouts {
  readonly start: (slot: string, epoch: number, request: CheckoutRequest) => void
  /** Its state now. */
  readonly look: (slot: string, request: CheckoutRequest) => HostAnswer<CheckoutState>
  /** Milliseconds until it ends, at most so many. */
  readonly left: (slot: string, most: number) => number
  readonly emptied: (slot: string) => void
  /** Epochs whose checkout runs on the slot. */
  readonly epochs: (slot: string) => readonly number[]
}

export function createCheckouts(now: () => number, fateOf: (commit: string) => CheckoutFate): Checkouts {
  const running = new Map<string, { readonly epoch: number; readonly endsAt: number }>()
  const away = new Map<string, number>()
  const endsAt = (slot: string): number => running.get(slot)?.endsAt ?? now()

  return {
    start: (slot, epoch, { commit }) => {
      const fate = fateOf(commit)
      if (fate.kind === 'remote' && !away.has(commit)) away.set(commit, now() + fate.milliseconds)
      if (running.has(slot)) return
      const milliseconds = fate.kind === 'done' ? fate.milliseconds : 500
      running.set(slot, { epoch, endsAt: now() + milliseconds })
    },
    look: (slot, request) => {
      if (endsAt(slot) > now()) return { kind: 'done', value: { state: 'running', phase: 'fetching' } }
      const { epoch, endsAt: ended } = running.get(slot) ?? { epoch: 0, endsAt: now() }
      const fate = fateOf(request.commit)
      if (fate.kind === 'request') return failed('request', 'unknown_commit', 'there is no such commit')
      if (fate.kind === 'remote' && now() < (away.get(request.commit) ?? 0)) {
        running.delete(slot)
        return failed('remote', 'fetch_failed', 'the git server does not answer')
      }
      // Done: it runs no more, and whoever asks again is told the same.
      running.set(slot, { epoch, endsAt: ended })
      return {
        kind: 'done',
        value: {
          state: 'done',
          receipt: {
            commit: request.commit,
            tree: request.commit,
            path: `/copies/${request.repository}`,
            files: 1,
            fetched: true,
            milliseconds: 500,
          },
        },
      }
    },
    left: (slot, most) => Math.max(0, Math.min(endsAt(slot) - now(), most)),
    emptied: (slot) => void running.delete(slot),
    epochs: (slot) => {
      const found = running.get(slot)
      return found && found.endsAt > now() ? [found.epoch] : []
    },
  }
}

const failed = (
  fault: 'request' | 'remote',
  code: 'unknown_commit' | 'fetch_failed',
  detail: string,
): HostAnswer<never> => ({ kind: 'failed', fault, code, detail })
