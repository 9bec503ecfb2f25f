import { expect, test } from 'vitest'
import { stillThere } from '../../lib/app/store/conditions/any-item.ts'
import { registryKey } from '../../lib/app/store/keys.ts'
import { openGateway } from './support/gateway.ts'
import type { Gateway } from './support/gateway.ts'
import { activeLease, ask } from './support/lease.ts'

const explain = (gateway: Gateway, id: unknown, token: string) =>
  gateway.send('GET', `/v1/leases/${String(id)}/explain`, { token })

/** As if the sweep had measured it. */
const measured = ({ world }: Gateway, meanHold: number) =>
  world.table.write({
    kind: 'update',
    key: registryKey('pool', 'linux'),
    set: { meanHold },
    when: stillThere,
  })

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()

test('a lease that waits is told its rank, what blocks it, who holds what until when, and when to expect its turn', async () => {
  const gateway = await openGateway()
  const begin = gateway.ports.clock.now()
  const first = await activeLease(gateway)
  await gateway.world.advance(90_000)
  const second = await ask(gateway)
  await gateway.send('DELETE', `/v1/leases/${first.id}`, { token: first.token })
  await gateway.world.settle()
  const third = await ask(gateway)
  const now = gateway.ports.clock.now()

  const { status, body } = await explain(gateway, third.body['id'], gateway.ci)

  expect(status).toBe(200)
  expect(body).toMatchObject({
    leaseId: third.body['id'],
    status: 'pending',
    at: iso(now),
    summary: expect.stringMatching(/^None of the 1 slots of pool linux is free; it is next; /),
    pools: [
      {
        pool: 'linux',
        rank: 1,
        blocked: 'slots_held',
        hosts: [
          {
            host: 'alpha',
            state: 'active',
            blocked: 'slots_held',
            slots: [
              {
                number: 0,
                state: 'held',
                holder: {
                  status: 'active',
                  since: iso(begin + 90_000),
                  until: iso(begin + 690_000),
                  atMostUntil: iso(begin + 90_000 + 4 * 3_600_000),
                  lease: { id: second.body['id'], tenant: 'acme', owner: second.body['owner'] },
                },
              },
            ],
          },
        ],
      },
    ],
  })
})

test('what recent holds were is told in seconds, when its turn may be expected as a time', async () => {
  const gateway = await openGateway()
  const begin = gateway.ports.clock.now()
  await activeLease(gateway)
  await measured(gateway, 90_500)
  const next = await ask(gateway)
  const afterNext = await ask(gateway)

  const replies = [await explain(gateway, next.body['id'], gateway.ci)]
  replies.push(await explain(gateway, afterNext.body['id'], gateway.ci))

  expect(replies.map(({ body }) => body)).toMatchObject([
    { expectedAt: iso(begin + 90_500), pools: [{ rank: 1, meanHoldSeconds: 90.5 }] },
    {
      expectedAt: iso(begin + 181_000),
      pools: [{ rank: 2, blocked: 'queue', expectedAt: iso(begin + 181_000) }],
    },
  ])
})

test('another tenant is told until when a slot is held, not by whom; an operator is told both', async () => {
  const gateway = await openGateway()
  const held = await activeLease(gateway)
  const stranger = await gateway.issue('umbrella', ['lease'])
  const theirs = await ask(gateway, {}, { token: stranger })
  const id = theirs.body['id']

  const toStranger = await explain(gateway, id, stranger)
  const toHolder = await explain(gateway, id, String(theirs.body['token']))
  const toOperator = await explain(gateway, id, gateway.operator)

  for (const { body } of [toStranger, toHolder]) {
    expect(body).toMatchObject({
      pools: [{ hosts: [{ slots: [{ holder: { until: expect.any(String) } }] }] }],
    })
    expect(JSON.stringify(body)).not.toContain(held.id)
    expect(JSON.stringify(body)).not.toContain('acme')
  }
  expect(JSON.stringify(toOperator.body)).toContain(held.id)
})

test('a lease that does not wait is told so, and stands in no queue', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)

  const { body } = await explain(gateway, id, token)

  expect(body).toMatchObject({
    status: 'active',
    summary: 'It does not wait: it is active on slot 0 of host alpha.',
    pools: [],
  })
})
