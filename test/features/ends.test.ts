import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProblemError } from '../../lib/client/errors.ts'
import { drydock } from '../client/drydock.ts'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import { eventually, mentioning } from './support/observe.ts'

const TTL = 60
/** Seconds that no other process on this machine sleeps. */
const LONG = `5${process.pid}`

let here: Installation
beforeAll(async () => {
  here = await openInstallation()
})
afterAll(() => here?.close())

/** The shortest life that a lease may have is a minute: what needs it is waited for at the same time. */
describe.concurrent('leases that nobody gives back', () => {
  test('a lease that is not renewed ends within its ttl and three seconds, and its command with it', async () => {
    const held = await activeLease(here.client, { ttlSeconds: TTL })
    const { number } = await here.client.runCommand({ id: held.id, body: { argv: ['sleep', LONG] } }, held)
    await eventually('it runs', () => mentioning(`sleep\0${LONG}`).length > 0)

    const lease = await destroyed(here.client, held.id, 75_000)

    const command = await here.client.getCommand({ id: held.id, number, wait: 20 })
    const late = Date.parse(lease.endedAt ?? '') - Date.parse(lease.activatedAt ?? '') - TTL * 1_000
    expect(lease).toMatchObject({ reason: 'expired' })
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThanOrEqual(3_000)
    expect(command).toMatchObject({ status: 'ended', cause: 'lease_lost' })
    expect(mentioning(`sleep\0${LONG}`)).toEqual([])
  }, 90_000)

  test('a renewal moves the end: an execution that was told does not end the lease', async () => {
    const held = await activeLease(here.client, { ttlSeconds: TTL })
    const before = Date.parse(held.lease.expiresAt ?? '')
    await eventually('half of its life is over', () => Date.now() > before - 30_000, 40_000)
    const renewed = await here.client.renewLease({ id: held.id, body: {} }, held)
    await eventually('its first life is over', () => Date.now() > before + 3_000, 40_000)

    const after = await here.client.getLease({ id: held.id })

    await release(here.client, held)
    expect(Date.parse(renewed.expiresAt ?? '')).toBeGreaterThan(before)
    expect(after).toMatchObject({ status: 'active', version: held.lease.version })
  }, 90_000)

  test('a client that is killed gives its lease back by expiry', async () => {
    const child = drydock(
      ['run', '--blueprint', POOL, '--ttl', String(TTL), '--', 'sh', '-c', 'echo begun >&2; sleep 7200'],
      { environment: { DRYDOCK_URL: here.served.url, DRYDOCK_TOKEN: here.served.token } },
    )
    await child.says('begun')
    const id = /lease (\w{26})/.exec(child.stderr())?.[1] ?? ''
    child.kill('SIGKILL')
    await child.ended

    const lease = await destroyed(here.client, id, 75_000)

    const events = await timeline(here.client, id)
    expect(lease).toMatchObject({ reason: 'expired' })
    expect(events.at(-2)).toMatchObject({ type: 'expired', cause: 'expiry' })
  }, 90_000)
})

describe('after the end', () => {
  test('a release may be repeated, and answers the same', async () => {
    const held = await activeLease(here.client)

    const answers = await Promise.all([1, 2, 3].map(() => release(here.client, held)))

    await destroyed(here.client, held.id)
    const late = await release(here.client, held)
    const events = await timeline(here.client, held.id)
    expect([...answers, late].map(({ reason }) => reason)).toEqual(Array(4).fill('released'))
    expect(events.filter(({ type }) => type === 'released')).toHaveLength(1)
  })

  test('nothing can be renewed or run any more, but everything can be read', async () => {
    const held = await activeLease(here.client)
    await run(here.client, held, ['echo', 'kept'])
    await release(here.client, held)
    await destroyed(here.client, held.id)

    const renewal = await refusal(here.client.renewLease({ id: held.id, body: {} }, held))
    const command = await refusal(here.client.runCommand({ id: held.id, body: { argv: ['true'] } }, held))

    const output = await here.client.commandOutput({ id: held.id, number: 1 }, held)
    expect([renewal, command]).toMatchObject([
      { status: 409, code: 'lease_lost', leaseId: held.id },
      { status: 409, code: 'lease_lost', leaseId: held.id },
    ])
    expect(output).toMatchObject({ ended: true, exitCode: 0 })
  })

  test('an operator may end a lease; its holder is told that it is lost', async () => {
    const held = await activeLease(here.client)

    await here.client.releaseLease({ id: held.id, body: {} })

    const renewal = await refusal(here.client.renewLease({ id: held.id, body: {} }, held))
    expect(await destroyed(here.client, held.id)).toMatchObject({ reason: 'operator' })
    expect(renewal).toMatchObject({ code: 'lease_lost' })
  })
})

async function refusal(call: Promise<unknown>): Promise<ProblemError> {
  const answer = await call.catch((error: unknown) => error)
  if (answer instanceof ProblemError) return answer
  throw new Error(`not refused: ${JSON.stringify(answer)}`)
}
