import { describe, expect, test } from 'vitest'
import type { HostAnswer, SlotRef } from '../../../lib/app/ports/hosts.ts'
import { freshSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

type Step = readonly [verb: 'open' | 'close' | 'run', epoch: number, outcome: string]

/** Each row is a history of one slot, and what the host says to each call. */
const histories: readonly (readonly [rule: string, ...steps: Step[]])[] = [
  ['an epoch opens, works and closes', ['open', 1, 'done'], ['run', 1, 'done'], ['close', 1, 'done']],
  ['opening twice is opening once', ['open', 1, 'done'], ['open', 1, 'done'], ['run', 1, 'done']],
  ['closing twice is closing once', ['open', 1, 'done'], ['close', 1, 'done'], ['close', 1, 'done']],
  ['what was closed stays closed', ['open', 1, 'done'], ['close', 1, 'done'], ['open', 1, 'closed']],
  ['nothing runs in what was closed', ['open', 1, 'done'], ['close', 1, 'done'], ['run', 1, 'closed']],
  ['a close that overtakes its open keeps the open out', ['close', 3, 'done'], ['open', 3, 'closed']],
  [
    'a close from the future ends the present',
    ['open', 1, 'done'],
    ['close', 2, 'done'],
    ['run', 1, 'stale'],
  ],
  ['a later epoch takes the slot', ['open', 1, 'done'], ['open', 2, 'done'], ['run', 1, 'stale']],
  ['an earlier epoch cannot come back', ['open', 2, 'done'], ['open', 1, 'stale'], ['run', 2, 'done']],
  [
    'a late close of an earlier epoch does no harm',
    ['open', 2, 'done'],
    ['close', 1, 'done'],
    ['run', 2, 'done'],
  ],
  ['nothing runs before its epoch is open', ['open', 1, 'done'], ['run', 2, 'opening'], ['run', 1, 'done']],
  ['the next epoch opens after a close', ['open', 1, 'done'], ['close', 1, 'done'], ['open', 2, 'done']],
  [
    'epochs may be skipped',
    ['open', 7, 'done'],
    ['close', 7, 'done'],
    ['open', 30, 'done'],
    ['run', 30, 'done'],
  ],
]

const outcomeOf = (answer: HostAnswer<unknown>): string =>
  answer.kind === 'done' || answer.kind === 'busy' ? answer.kind : answer.code

export function fencingRules(host: () => OpenHosts): void {
  const call = async (verb: Step[0], slot: SlotRef): Promise<HostAnswer<unknown>> => {
    const { hosts, target } = host()
    if (verb !== 'run') return hosts[verb](target, slot)
    const command = { number: 1, argv: ['true'], environment: {}, timeoutSeconds: 10, directory: '' }
    return hosts.run(target, slot, command)
  }

  describe('fencing', () => {
    test.each(histories)('%s', async (_rule, ...steps) => {
      const at = await freshSlot(host())

      const outcomes: string[] = []
      for (const [verb, epoch] of steps) outcomes.push(outcomeOf(await call(verb, at(epoch))))

      expect(outcomes).toEqual(steps.map(([, , outcome]) => outcome))
    })

    test.each(['open', 'close', 'run'] as const)(
      '%s with another nonce is refused, and says what is there',
      async (verb) => {
        const at = await freshSlot(host())

        const answer = await call(verb, { ...at(1), nonce: 'another' })

        expect(answer).toMatchObject({ kind: 'refused', code: 'unknown', seen: at(1).nonce })
      },
    )

    test.each(['open', 'close', 'run'] as const)(
      '%s on a slot that the host never had is refused',
      async (verb) => {
        const answer = await call(verb, { slot: 9_999, nonce: 'nonce', epoch: 1 })

        expect(answer).toMatchObject({ kind: 'refused', code: 'unknown', seen: null })
      },
    )

    test('init gives a slot a new nonce only to who has seen the old one', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())
      const renewed = { ...at(5), nonce: 'renewed' }

      const unseen = await hosts.init(target, { ...renewed, seen: 'guessed' })
      const none = await hosts.init(target, { ...renewed, seen: null })
      const seen = await hosts.init(target, { ...renewed, seen: at(0).nonce })

      expect([unseen, none]).toMatchObject([
        { kind: 'refused', code: 'unknown', seen: at(0).nonce },
        { kind: 'refused', code: 'unknown', seen: at(0).nonce },
      ])
      expect(seen).toMatchObject({ kind: 'done' })
    })

    test('init said twice is init once, and leaves the slot closed', async () => {
      const { hosts, target } = host()
      const at = await freshSlot(host())

      const again = await hosts.init(target, { ...at(0), seen: null })
      const opened = await hosts.open(target, at(0))

      expect(again).toMatchObject({ kind: 'done' })
      expect(opened).toMatchObject({ kind: 'refused', code: 'closed' })
    })

    test('slots do not know of each other', async () => {
      const { hosts, target } = host()
      const [one, other] = [await freshSlot(host()), await freshSlot(host())]
      valueOf(await hosts.open(target, one(4)))

      const opened = await hosts.open(target, other(1))

      expect(opened).toMatchObject({ kind: 'done' })
    })
  })
}
