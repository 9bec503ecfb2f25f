import { expect, test } from 'vitest'
import { openGateway } from './support/gateway.ts'
import { ask, freshKey } from './support/lease.ts'

const COPY = { blueprint: 'checkout', repository: 'example' }

/** A gateway, and a lease of a working copy that is active. */
async function opened() {
  const gateway = await openGateway()
  const { body } = await ask(gateway, COPY)
  await gateway.world.settle()
  const operator = { token: gateway.operator }
  const list = async (query = '') => {
    const reply = await gateway.send('GET', `/v1/working-copies${query}`, operator)
    return reply.body['workingCopies'] as readonly { readonly id: string }[]
  }
  const release = async () => {
    const lease = { token: String(body['token']), headers: freshKey(), body: {} }
    await gateway.send('DELETE', `/v1/leases/${String(body['id'])}`, lease)
    await gateway.world.settle()
  }
  return { gateway, operator, list, release, lease: String(body['id']) }
}

test('a copy is listed with its lease and its last use, named by its lease, and found by its filters', async () => {
  const { gateway, operator, list, lease } = await opened()

  const [copy, ...others] = await list()
  const one = await gateway.send('GET', `/v1/working-copies/${copy?.id}`, operator)
  const owner = await gateway.send('GET', `/v1/leases/${lease}`, { token: gateway.ci })

  expect(others).toEqual([])
  expect(copy).toMatchObject({
    state: 'active',
    host: 'alpha',
    slot: 0,
    blueprint: 'checkout',
    lease,
    repositories: [{ repository: 'example', commit: 'main' }],
  })
  expect(one.body).toEqual(copy)
  expect(owner.body).toMatchObject({ workingCopy: copy?.id })
  expect(await list('?host=alpha&blueprint=checkout&repository=example')).toEqual([copy])
  expect(await list('?repository=other')).toEqual([])
})

test('a copy that a lease has is not removed; an idle one is, and can be read afterwards', async () => {
  const { gateway, operator, list, release, lease } = await opened()
  const id = (await list())[0]?.id
  const remove = async () => gateway.send('DELETE', `/v1/working-copies/${id}`, operator)

  const early = await remove()
  await release()
  const removed = await remove()
  await gateway.world.settle()
  const again = await remove()

  expect(early).toMatchObject({ status: 409, body: { code: 'copy_leased', leaseId: lease } })
  expect(removed).toMatchObject({ status: 200, body: { state: 'released', reason: 'operator' } })
  expect(again).toMatchObject({ status: 200, body: { state: 'destroyed', id } })
  expect(await list()).toEqual([])
})

test('working copies are for operators', async () => {
  const { gateway, list } = await opened()
  const id = (await list())[0]?.id
  const as = { token: gateway.ci }

  const replies = [
    await gateway.send('GET', '/v1/working-copies', as),
    await gateway.send('GET', `/v1/working-copies/${id}`, as),
    await gateway.send('DELETE', `/v1/working-copies/${id}`, as),
  ]

  expect(replies.map(({ status }) => status)).toEqual([403, 403, 403])
  expect(await list()).toHaveLength(1)
})

test('a cursor that was not made here is refused', async () => {
  const { gateway, operator } = await opened()

  const reply = await gateway.send('GET', '/v1/working-copies?cursor=..%2F1', operator)

  expect(reply).toMatchObject({ status: 400, body: { code: 'bad_cursor' } })
})

test('a lease of several repositories is answered with all of them', async () => {
  const { gateway } = await opened()
  const repositories = [
    { repository: 'example', directory: 'app', merges: [{ ref: 'topic', how: 'squash' }] },
  ]

  const reply = await ask(
    gateway,
    { blueprint: 'checkout', repositories },
    {
      token: gateway.ci,
      body: { blueprint: 'checkout', repositories },
      headers: freshKey(),
    },
  )

  expect(reply).toMatchObject({
    status: 201,
    body: {
      repository: 'example',
      commit: 'main',
      repositories: [{ repository: 'example', directory: 'app', commit: 'main', merges: [{ ref: 'topic' }] }],
    },
  })
})

test('blueprints say how long copies stay warm and how many, and are read back as they were written', async () => {
  const { gateway, operator } = await opened()
  const { body } = await gateway.send('GET', '/v1/config', operator)
  const blueprints = body['blueprints'] as Readonly<Record<string, object>>
  const checkout = { ...blueprints['checkout'], idleSeconds: 3_600, keepPerSlot: 5 }

  await gateway.send('PUT', '/v1/config', {
    ...operator,
    body: { ...body, blueprints: { ...blueprints, checkout } },
  })
  const read = await gateway.send('GET', '/v1/config', operator)

  expect(read.body['blueprints']).toMatchObject({ checkout })
})
