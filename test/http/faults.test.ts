import { expect, test } from 'vitest'
import { REFUSALS } from '../../lib/domain/refusals.ts'
import type { RefusalCode } from '../../lib/domain/refusals.ts'
import { refusalAnswer, STATUS } from '../../lib/http/problem.ts'
import type { Ports } from '../../lib/app/ports/ports.ts'
import { openGateway } from './support/gateway.ts'

const failing = (name: string) => (ports: Ports) => ({
  ...ports,
  table: {
    ...ports.table,
    query: () => Promise.reject(Object.assign(new Error('password=hunter2'), { name })),
  },
})

test('a fault of our own is told without its words, and logged', async () => {
  const gateway = await openGateway({ change: failing('Error') })

  const reply = await gateway.send('GET', '/v1/pools', { token: gateway.operator })

  expect(reply).toMatchObject({ status: 500, body: { code: 'internal', requestId: 'request-1' } })
  expect(JSON.stringify(reply)).not.toContain('hunter2')
  expect(gateway.faults).toEqual([expect.objectContaining({ message: 'password=hunter2' })])
})

test('a table that gives no answer is told as something that passes', async () => {
  const gateway = await openGateway({ change: failing('TableBusy') })

  const reply = await gateway.send('GET', '/v1/pools', { token: gateway.operator })

  expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' }, headers: { 'retry-after': '1' } })
})

test('who cannot be recognised now is told to come again, not that they are nobody', async () => {
  const change = (ports: Ports): Ports => ({
    ...ports,
    table: { ...ports.table, get: () => Promise.reject(new Error('down')) },
  })
  const gateway = await openGateway({ change })

  const reply = await gateway.send('GET', '/v1/pools', { token: gateway.operator })

  expect(reply).toMatchObject({ status: 503, body: { code: 'unavailable' } })
})

test.each(Object.keys(REFUSALS) as RefusalCode[])(
  'refusal %s has a status, a title and its hints',
  (code) => {
    const refusal = { refused: code, detail: 'why', leaseId: '01J', hints: { most: 3, names: ['a'] } }

    const answer = refusalAnswer({ ...refusal, retryAfterSeconds: 5 }, 'request-1')

    expect(answer.statusCode).toBe(STATUS[code])
    expect(answer.headers['retry-after']).toBe('5')
    expect(JSON.parse(answer.body)).toEqual({
      type: `urn:drydock:problem:${code}`,
      title: REFUSALS[code],
      status: STATUS[code],
      code,
      detail: 'why',
      leaseId: '01J',
      hints: { most: 3, names: ['a'] },
      requestId: 'request-1',
    })
  },
)
