import { expect, test } from 'vitest'
import { expiryOnlyMovesOn, fieldsAreTrue, termsAreKept } from './leases/fields.ts'
import { endsHaveReasons, nothingEndsTooEarly, triesAreCounted } from './leases/reasons.ts'
import { tokensAreUsedOnce } from './leases/task-tokens.ts'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import { changing, setting, went } from './support/breaches.ts'
import { firstWith, judge } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

/** Sets fields of the lease as one transition leaves it. */
const after = (from: string, to: string, fields: Readonly<Record<string, unknown>>): Breach =>
  changing((change) => (went(change, from, to) ? { after: setting(change.after, fields) } : undefined))

/** The deadline that a lease ran into, moved on as by a renewal that came in between. */
const renewedBefore = (deadline: string, reason: string): Breach =>
  changing(({ of, before, after: now }) =>
    of.kind === 'lease' && before?.[deadline] !== undefined && now?.['reason'] === reason && !before['reason']
      ? { before: setting(before, { [deadline]: Number(before[deadline]) + 60_000 }) }
      : undefined,
  )

const CASES: readonly Case[] = [
  {
    name: 'a field that is not true yet',
    rule: fieldsAreTrue,
    breach: after('', 'pending', { epoch: 1 }),
    tells: 'is pending and has a field epoch',
  },
  {
    name: 'a field that is true no more',
    rule: fieldsAreTrue,
    breach: after('acquired', 'active', { yielded: { fault: 'none' } }),
    tells: 'is active and has a field yielded',
  },
  {
    name: 'a field that is missing',
    rule: fieldsAreTrue,
    breach: after('acquired', 'active', { expiresAt: undefined }),
    tells: 'is active and has no field expiresAt',
  },
  {
    name: 'a working copy without its receipt',
    rule: fieldsAreTrue,
    breach: changing((change) =>
      went(change, 'acquired', 'active') && change.after?.['receipt']
        ? { after: setting(change.after, { receipt: undefined }) }
        : undefined,
    ),
    tells: 'a checkout without its receipt',
  },
  {
    name: 'another place in the queue after a requeue',
    rule: termsAreKept,
    breach: after('acquired', 'pending', { waiters: {} }),
    tells: 'changed its waiters',
  },
  {
    name: 'another tenant',
    rule: termsAreKept,
    breach: after('pending', 'acquired', { tenant: 'somebody' }),
    tells: 'changed its tenant',
  },
  {
    name: 'a lease that lasts longer than its hard maximum',
    rule: expiryOnlyMovesOn,
    breach: after('acquired', 'active', { expiresAt: 9_999_999_999_999 }),
    tells: 'longer than its hard maximum',
  },
  {
    name: 'a hard maximum that nobody granted',
    rule: expiryOnlyMovesOn,
    breach: after('acquired', 'active', { maxExpiresAt: 9_999_999_999_999 }),
    tells: 'is not the one that was granted',
  },
  {
    name: 'a renewal that shortens',
    rule: expiryOnlyMovesOn,
    breach: after('active', 'active', { expiresAt: 1 }),
    tells: 'was shortened',
  },
  {
    name: 'an end without a reason of the list',
    rule: endsHaveReasons,
    breach: after('active', 'released', { reason: 'because' }),
    tells: 'ended as because',
  },
  {
    name: 'a reason that does not fit',
    rule: endsHaveReasons,
    breach: after('active', 'released', { reason: 'wait_timeout' }),
    tells: 'was active and ended as wait_timeout',
  },
  {
    name: 'a reason that changes',
    rule: endsHaveReasons,
    breach: after('released', 'destroyed', { reason: 'operator' }),
    tells: 'changed its reason',
  },
  {
    name: 'an expiry of a lease that was renewed',
    rule: nothingEndsTooEarly,
    breach: renewedBefore('expiresAt', 'expired'),
    tells: 'ms left and became released',
  },
  {
    name: 'an end of the wait before its deadline',
    rule: nothingEndsTooEarly,
    breach: renewedBefore('waitDeadline', 'wait_timeout'),
    tells: 'ms left and became destroyed',
  },
  {
    name: 'a task token that was newer than the one that was used',
    rule: tokensAreUsedOnce,
    breach: changing(({ of, before, after: now }) =>
      of.kind === 'lease' && before?.['taskToken'] && !now?.['taskToken'] && before['ver'] === now?.['ver']
        ? { before: setting(before, { taskToken: 'newer' }) }
        : undefined,
    ),
    tells: 'that its remover had not read',
  },
  {
    name: 'a requeue whose failure nobody remembers',
    rule: triesAreCounted,
    breach: after('acquired', 'pending', { failures: [] }),
    tells: 'with 0 failures after 0',
  },
  {
    name: 'a fourth try',
    rule: triesAreCounted,
    breach: changing((change) => {
      const failed = { host: 'one', code: 'unreachable', detail: '' }
      return went(change, 'acquired', 'pending')
        ? {
            before: setting(change.before, { failures: [failed, failed] }),
            after: setting(change.after, { failures: [failed, failed, failed] }),
          }
        : undefined
    }),
    tells: 'waits again after 3 failed tries',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
