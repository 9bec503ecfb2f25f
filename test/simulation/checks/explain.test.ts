import { expect, test } from 'vitest'
import { createMemoryTable } from '../../../lib/adapters/memory/table.ts'
import type { Explanation } from '../../../lib/app/leases/explain-lease.ts'
import { explainLease } from '../../../lib/app/leases/explain-lease.ts'
import type { Item } from '../../../lib/app/ports/table.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import { randomStream } from '../kernel/random.ts'
import type { ProfileName } from '../watch.ts'
import { entityOf, statusOf, textIn } from './entity.ts'
import type { Moment } from './explain.ts'
import { explained } from './explain.ts'
import type { Recorded } from './support/recorded.ts'
import { isCommit, record } from './support/recorded.ts'

const OPERATOR: Caller = { principal: 'api-token/operator', tenant: 'operators', scopes: ['operator'] }
const MOMENTS = 10

/** The table as it stood after some commits of the run, chosen by chance. */
function momentsOf({
  events,
  conditions,
}: Recorded): readonly { readonly at: number; readonly items: readonly Item[] }[] {
  const random = randomStream(conditions.seed, 'moments')
  const commits = events.filter(isCommit)
  const chosen = new Set(Array.from({ length: MOMENTS }, () => random.between(0, commits.length - 1)))
  const items = new Map<string, Item>()
  return commits.flatMap((commit, index) => {
    for (const [at, write] of commit.writes.entries()) {
      const { PK, SK } = write.kind === 'put' ? write.item : write.key
      const after = commit.after[at]
      if (after) items.set(`${PK} ${SK}`, after)
      else items.delete(`${PK} ${SK}`)
    }
    return chosen.has(index) ? [{ at: commit.at, items: [...items.values()] }] : []
  })
}

/** Who may ask about the lease, and what each of them may know of the others. */
function callersOf(lease: Item): readonly (readonly [Caller, Moment['mayKnow']])[] {
  const [id, tenant, owner] = [textIn(lease, 'id'), textIn(lease, 'tenant'), textIn(lease, 'owner')]
  return [
    [OPERATOR, () => true],
    [{ principal: owner, tenant, scopes: ['lease'] }, (holder) => holder['tenant'] === tenant],
    [{ principal: `lease/${id}`, tenant, scopes: [], lease: id }, () => false],
  ]
}

async function ask(items: readonly Item[], at: number, caller: Caller, id: string): Promise<Explanation> {
  const table = createMemoryTable({ items })
  const answer = await explainLease(
    { table, clock: { now: () => at, sleep: async () => undefined } },
    caller,
    id,
  )
  if (!answer.ok) throw new Error(answer.refusal.detail)
  return answer.value
}

test.each(['calm', 'weather', 'deaths', 'storm'] as const)(
  'explain says what the table says, at any moment: %s',
  async (profile: ProfileName) => {
    const blocks = new Set<string>()
    let compared = 0
    for (const seed of [1, 2, 3, 4]) {
      for (const { at, items } of momentsOf(await record(seed, profile))) {
        const leases = items.filter(
          (item) => entityOf(item).kind === 'lease' && statusOf(item) !== 'destroyed',
        )
        for (const lease of leases) {
          for (const [caller, mayKnow] of callersOf(lease)) {
            const wanted = explained({ items, at, mayKnow }, textIn(lease, 'id'))

            const { pools, expectedAt } = await ask(items, at, caller, textIn(lease, 'id'))

            const expectations = wanted.flatMap((pool) =>
              pool.expectedAt === undefined ? [] : [pool.expectedAt],
            )
            expect(pools).toEqual(wanted)
            expect(expectedAt).toBe(expectations.length === 0 ? undefined : Math.min(...expectations))
            for (const { blocked } of wanted) blocks.add(blocked)
            if (wanted.length > 0) compared += 1
          }
        }
      }
    }

    expect(compared).toBeGreaterThan(30)
    expect([...blocks]).toEqual(expect.arrayContaining(['queue', 'slots_held']))
  },
)

test('a queue without those who are ahead is explained otherwise', async () => {
  const moments = momentsOf(await record(2, 'storm'))
  const waiting = moments.flatMap(({ at, items }) =>
    items.filter(isWaiting).map((lease) => ({ at, items, mayKnow: () => true, id: textIn(lease, 'id') })),
  )
  const behind = waiting.find((moment) => explained(moment, moment.id).some(({ rank }) => rank > 1))
  if (!behind) throw new Error('nobody waits behind another one')
  const alone = behind.items.filter((item) => !item.SK.startsWith('W#') || item['lease'] === behind.id)

  const { pools } = await ask(behind.items, behind.at, OPERATOR, behind.id)

  expect(pools).toEqual(explained(behind, behind.id))
  expect(pools).not.toEqual(explained({ ...behind, items: alone }, behind.id))
})

const isWaiting = (item: Item): boolean => entityOf(item).kind === 'lease' && statusOf(item) === 'pending'
