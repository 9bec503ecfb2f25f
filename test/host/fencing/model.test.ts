import { expect, test } from 'vitest'
import { explore } from './model/explore.ts'
import type { Rule } from './model/rules.ts'
import { REDUCED } from './model/settings.ts'
import type { Gap, Mutant } from './model/variants.ts'

test('whatever arrives twice, late, in any order or not at all, the fence keeps every rule', () => {
  const found = REDUCED.map((setting) => ({ name: setting.name, ...explore(setting) }))

  expect(found.filter(({ broken }) => broken)).toEqual([])
  expect(found.reduce((sum, { states }) => sum + states, 0)).toBeGreaterThan(80_000)
})

const NOTHING_ELSE: Rule = 'where a lease is open nothing of another one lives'
const GONE: Rule = 'nothing lives that was answered to be gone'
const OVER: Rule = 'what was answered to be closed neither opens nor starts anything'
const STARTS: Rule = 'only the current epoch starts, while it is open'
const OPENS: Rule = 'open is answered with done only by the current, open epoch'
const FALLS: Rule = 'epochs never fall'
const KNOWN: Rule = 'only init changes a slot that is not known'
const KILLS: Rule = 'no kill is under way where a lease is open'
const EMPTY: Rule = 'nothing lives in a slot that is noted to be empty'
const WAY_BACK: Rule = 'every slot can be closed and emptied'

const caught: Readonly<Record<Mutant, Rule>> = {
  'open does not kill': NOTHING_ELSE,
  'open does not look again before it stores': FALLS,
  'open trusts every closed slot to be empty': NOTHING_ELSE,
  'open answers before its epoch is open': OPENS,
  'open takes an epoch that is over': FALLS,
  'open revives what is closed': OVER,
  'close stores after the kill': KILLS,
  'close ignores an epoch that is ahead': OVER,
  'close answers although something survived': GONE,
  'close notes emptiness before the kill': EMPTY,
  'run does not check under the lock': STARTS,
  'run starts while the slot opens': STARTS,
  'run does not compare epochs': STARTS,
  'a supervisor does not look itself': STARTS,
  'init does not kill': GONE,
  'init does not compare what was seen': FALLS,
  'an init that was interrupted is taken for done': WAY_BACK,
  'who has waited does not look again': KILLS,
  'the nonce is ignored': KNOWN,
  'the boot is ignored': KNOWN,
}

test.each(Object.entries(caught) as [Mutant, Rule][])('it is found when %s', (mutant, rule) => {
  const { broken } = explore({ plan: { renamed: 2, last: 3 }, copies: 2, ordered: false, mutant }, rule)

  expect(broken?.rule).toBe(rule)
})

test('every rule is broken by one of the mutants', () => {
  const rules = new Set(Object.values(caught))

  expect(rules.size).toBe(10)
})

const gaps: Readonly<Record<Gap, Rule>> = {
  'a late close is taken for a proof': GONE,
  'an init comes late by a whole life': FALLS,
}

test.each(Object.entries(gaps) as [Gap, Rule][])(
  'the fence does not promise anything when %s',
  (gap, rule) => {
    const { broken } = explore({ plan: { renamed: 2, last: 2 }, copies: 1, ordered: false, gap })

    expect(broken?.rule).toBe(rule)
  },
)
