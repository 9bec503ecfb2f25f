import { expect, test } from 'vitest'
import { everyLeaseEnds, historyIsWhole, noSlotIsLost, nothingIsLeft } from './rest/rest.ts'
import type { CreateRule } from './rule.ts'
import type { Breach } from './support/breaches.ts'
import { endingWith, leavingOut, placeOf, setting } from './support/breaches.ts'
import { firstWith, judge } from './support/recorded.ts'

interface Case {
  readonly name: string
  readonly rule: CreateRule
  readonly breach: Breach
  readonly tells: string
}

const destroyedFrom = (status: string) =>
  placeOf(({ before, after }) => before?.['status'] === status && after?.['status'] === 'destroyed')

const CASES: readonly Case[] = [
  {
    name: 'a lease that lives in the end',
    rule: everyLeaseEnds,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['status'] === 'destroyed' ? setting(item, { status: 'active' }) : item)),
    ),
    tells: 'is active in the end',
  },
  {
    name: 'a lease that ended for no reason',
    rule: everyLeaseEnds,
    breach: endingWith(({ items }) => items.map((item) => setting(item, { reason: undefined }))),
    tells: 'nobody says why',
  },
  {
    name: 'a slot that is lost',
    rule: noSlotIsLost,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['state'] === 'free' ? setting(item, { state: 'dirty' }) : item)),
    ),
    tells: 'is dirty in the end, not free',
  },
  {
    name: 'a slot that is free on a host that gives no leases',
    rule: noSlotIsLost,
    breach: endingWith(({ items }) =>
      items.map((item) => (item['state'] === 'active' ? setting(item, { state: 'disabled' }) : item)),
    ),
    tells: 'is free in the end, not withheld',
  },
  ...['Q#pool-0', 'T#1', 'P#tenant-0'].map((PK) => ({
    name: `${PK} holds something of a lease that is gone`,
    rule: nothingIsLeft,
    breach: endingWith(({ items }) => [...items, { PK, SK: '000000000000001#nobody', lease: 'nobody' }]),
    tells: `${PK} 000000000000001#nobody is left`,
  })),
  {
    name: 'a token of a slot that is gone',
    rule: nothingIsLeft,
    breach: endingWith(({ items }) => [...items, { PK: 'F#pool-0', SK: 'any', host: 'gone', number: 0 }]),
    tells: 'token F#pool-0 any is left',
  },
  {
    name: 'a commit that the rules have not seen',
    rule: historyIsWhole,
    breach: leavingOut(destroyedFrom('released')),
    tells: 'is not as it was seen last',
  },
]

test.each(CASES)('caught: $name', async ({ rule, breach, tells }) => {
  const broken = await firstWith(breach)

  const found = judge(broken, [rule])

  expect(found.join('\n')).toContain(tells)
})
