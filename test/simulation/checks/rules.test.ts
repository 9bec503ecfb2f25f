import { expect, test } from 'vitest'
import { createShadow } from './shadow.ts'
import { RULES } from './rules.ts'
import { judge, record } from './support/recorded.ts'
import { createChecks } from './watch.ts'

const PROFILES = ['calm', 'weather', 'deaths', 'storm'] as const

test.each(PROFILES)('a run that keeps all promises breaks no rule: %s', async (profile) => {
  const runs = [await record(1, profile), await record(2, profile)]

  const found = runs.flatMap((run) => judge(run, RULES))

  expect(found).toEqual([])
})

test('each rule has a sentence of its own that ends where its findings begin', async () => {
  const { conditions } = await record(1, 'calm')

  const sentences = RULES.map((create) => create({ shadow: createShadow(), conditions }).says)

  expect(new Set(sentences).size).toBe(RULES.length)
  expect(sentences.filter((sentence) => sentence.includes(': '))).toEqual([])
})

test('the rules have something to judge: slots given in order, quotas reached, deadlines passed', async () => {
  const run = await record(1, 'calm')
  const checks = createChecks(run.conditions)
  for (const event of run.events) {
    if ('writes' in event) checks.committed(event)
    else checks.read(event)
  }

  const counts = checks.counts()

  expect(counts['acquisitions checked strictly']).toBeGreaterThan(5)
  expect(counts['requests compared with earlier ones']).toBeGreaterThan(2)
  expect(counts['deadlines that passed']).toBeGreaterThan(2)
  expect(counts['steps that followed']).toBeGreaterThan(10)
})
