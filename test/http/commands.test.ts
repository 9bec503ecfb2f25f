import { expect, test } from 'vitest'
import { openGateway } from './support/gateway.ts'
import { activeLease, freshKey } from './support/lease.ts'

const argv = ['sh', '-c', 'make']

test('a command runs through its lease: number, output, end', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)

  const run = await gateway.send('POST', `/v1/leases/${id}/commands`, {
    token,
    body: { argv, environment: { PASSWORD: 'hunter2' } },
    headers: freshKey(),
  })
  await gateway.world.settle()
  const at = `/v1/leases/${id}/commands/1`
  const ended = await gateway.send('GET', `${at}?wait=20`, { token })
  const output = await gateway.send('GET', `${at}/output?after=0&wait=1`, { token: gateway.ci })

  expect(run).toMatchObject({
    status: 202,
    headers: { location: at },
    body: { number: 1, status: 'starting' },
  })
  expect(ended.body).toMatchObject({ status: 'ended', cause: 'exited', environment: ['PASSWORD'] })
  expect(output.body).toMatchObject({ ended: true, exitCode: ended.body['exitCode'] })
  expect(JSON.stringify([run, ended, output])).not.toContain('hunter2')
})

test('the same key gives the same command', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)
  const sent = { token, body: { argv }, headers: freshKey() }

  const first = await gateway.send('POST', `/v1/leases/${id}/commands`, sent)
  const again = await gateway.send('POST', `/v1/leases/${id}/commands`, sent)

  expect([first.body['number'], again.body['number']]).toEqual([1, 1])
})

test('cancelling an ended command is refused, and changes nothing', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)
  await gateway.send('POST', `/v1/leases/${id}/commands`, { token, body: { argv }, headers: freshKey() })
  await gateway.world.settle()

  const cancelled = await gateway.send('DELETE', `/v1/leases/${id}/commands/1`, { token })

  const { body } = await gateway.send('GET', `/v1/leases/${id}/commands/1`, { token })
  expect(cancelled).toMatchObject({ status: 409, body: { code: 'already_ended', leaseId: id } })
  expect(body).toMatchObject({ status: 'ended', cause: 'exited' })
})
