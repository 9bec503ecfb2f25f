import { describe, expect, test } from 'vitest'
import type { HostAnswer, SlotRef } from '../../../lib/app/ports/hosts.ts'
import { freshSlot, type OpenHosts, valueOf } from '../../support/hosts/open-hosts.ts'

type Step = readonly [verb: 'open' | 'close' | 'run', epoch: number, outcome: string]

/** Each row is a history of one slot, and what the host says to each call. */
const histories: readonly { readonly rule: string; readonly steps: readonly Step[] }[] = [
  {
    rule: 'an epoch opens, works and closes',
    steps: [
      ['open', 1, 'done'],
      ['run', 1, 'done'],
      ['close', 1, 'done'],
    ],
  },
  {
    rule: 'opening twice is opening once',
    steps: [
      ['open', 1, 'done'],
      ['open', 1, 'done'],
      ['run', 1, 'done'],
    ],
  },
  {
    rule: 'closing twice is closing once',
    steps: [
      ['open', 1, 'done'],
      ['close', 1, 'done'],
      ['close', 1, 'done'],
    ],
  },
  {
    rule: 'what was closed stays closed',
    steps: [
      ['open', 1, 'done'],
      ['close', 1, 'done'],
      ['open', 1, 'closed'],
    ],
  },
  {
    rule: 'nothing runs in what was closed',
    steps: [
      ['open', 1, 'done'],
      ['close', 1, 'done'],
      ['run', 1, 'closed'],
    ],
  },
  {
    rule: 'a close that overtakes its open keeps the open out',
    steps: [
      ['close', 3, 'done'],
      ['open', 3, 'closed'],
    ],
  },
  {
    rule: 'a close from the future ends the present',
    steps: [
      ['open', 1, 'done'],
      ['close', 2, 'done'],
      ['run', 1, 'stale'],
    ],
  },
  {
    rule: 'a later epoch takes the slot',
    steps: [
      ['open', 1, 'done'],
      ['open', 2, 'done'],
      ['run', 1, 'stale'],
    ],
  },
  {
    rule: 'an earlier epoch cannot come back',
    steps: [
      ['open', 2, 'done'],
      ['open', 1, 'stale'],
      ['run', 2, 'done'],
    ],
  },
  {
    rule: 'a late close of an earlier epoch does no harm',
    steps: [
      ['open', 2, 'done'],
      ['close', 1, 'done'],
      ['run', 2, 'done'],
    ],
  },
  {
    rule: 'nothing runs before its epoch is open',
    steps: [
      ['open', 1, 'done'],
      ['run', 2, 'opening'],
      ['run', 1, 'done'],
    ],
  },
  {
    rule: 'the next epoch opens after a close',
    steps: [
      ['open', 1, 'done'],
      ['close', 1, 'done'],
      ['open', 2, 'done'],
    ],
  },
  {
    rule: 'epochs may be skipped',
    steps: [
      ['open', 7, 'done'],
      ['close', 7, 'done'],
      ['open', 30, 'done'],
      ['run', 30, 'done'],
    ],
  },
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
    test.each(histories)('$rule', async ({ steps }) => {
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
