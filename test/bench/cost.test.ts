import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { root } from '../docs/documents.ts'
import { FORMULA, LOOK, plus, polled, priceOf, PRICE_TABLE, PRICES, QUANTITIES, times } from './cost.ts'
import type { Quantity, Work } from './cost.ts'
import { readResults } from './report.ts'
import { costRows, countsIn } from './scenarios/costs.ts'

const nothing = Object.fromEntries(QUANTITIES.map((quantity) => [quantity, 0])) as Record<Quantity, number>
const one = (quantity: Quantity, amount: number): Work => ({ ...nothing, [quantity]: amount })

describe('the price of 1,000 leases', () => {
  test.each([
    ['write units', one('writeUnits', 1_000), 0.625],
    ['read units', one('readUnits', 1_000), 0.125],
    ['transitions', one('transitions', 1), 0.025],
    ['Lambda calls', one('lambdaCalls', 1_000), 0.2],
    ['a half gigabyte for two seconds', one('gigabyteSeconds', 1), 0.0133334],
    ['HTTP requests', one('httpRequests', 1_000), 1],
  ] as const)('%s: the published price', (_, work, dollars) => {
    expect(priceOf(work)).toBeCloseTo(dollars, 9)
  })

  test('is the sum of its parts, and grows with their number', () => {
    const life = { ...nothing, writeUnits: 60, transitions: 12 }

    const price = priceOf(plus(times(life, 2), one('httpRequests', 3)))

    expect(price).toBeCloseTo(2 * priceOf(life) + priceOf(one('httpRequests', 3)), 9)
    expect(priceOf(life, 2_000)).toBeCloseTo(2 * priceOf(life), 9)
  })

  test('a machine that polls looks once for every interval that has begun', () => {
    const price = priceOf(polled(nothing, 1_501, 15))

    expect(price).toBeCloseTo(priceOf(times(LOOK, 101)), 9)
  })
})

describe('docs/performance.md', () => {
  const document = readFileSync(join(root, 'docs/performance.md'), 'utf8')
  const measured = readResults(join(root, 'docs/performance.json'))['k']

  test('shows the formula and the prices that the code computes with', () => {
    expect(document).toContain(`\`\`\`\n${FORMULA}\n\`\`\``)
    expect(document).toContain(PRICE_TABLE)
    expect(document).toContain(`${PRICES.region}, looked up ${PRICES.lookedUp}`)
  })

  test('has the prices that follow from the counts beside them', () => {
    const rows = measured?.rows ?? []

    expect(rows).toEqual(costRows(countsIn(rows)))
    for (const { what, p50 } of rows)
      expect(document).toContain(`| ${what} | 1 | ${p50.toLocaleString('en')} |`)
  })
})
