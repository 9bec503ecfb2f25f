import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from '../../lib/client/api.ts'
import { LeaseEndedError, LeaseLostError, ReleaseFailedError } from '../../lib/client/errors.ts'
import { hold } from '../../lib/client/hold.ts'
import { startLeases } from '../support/api/leases.ts'
import type { Leases, World } from '../support/api/leases.ts'
import { Refusal } from '../support/api/server.ts'
import type { RouteName } from '../../lib/contract/routes.ts'
import { manualClock } from '../support/api/time.ts'

const request = { blueprint: 'linux' }
const worlds: { close: () => Promise<void>; sleepers: () => number }[] = []
afterEach(async () => {
  const left = worlds.map(({ sleepers }) => sleepers())
  await Promise.all(worlds.splice(0).map((each) => each.close()))
  expect(left, 'timers left by the scope').toEqual(left.map(() => 0))
})

async function world(given: World = {}) {
  const api = await startLeases(given)
  const clock = manualClock()
  worlds.push({ close: api.close, sleepers: clock.sleepers })
  return { api, clock, client: createClient({ url: api.url, token: 'api-token', ...clock }) }
}

const count = (api: Leases, name: RouteName) => api.seen.filter((each) => each.name === name).length
const outcomes = (api: Leases) =>
  api.seen
    .filter(({ name }) => name === 'releaseLease')
    .map(({ body }) => (body as { outcome: string }).outcome)

/** Until the signal aborts; what it aborted with is the scope's to tell. */
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

describe('the end of the scope', () => {
  test('the work gets an active lease, its value comes back, the lease is released', async () => {
    const { api, client } = await world()

    const host = await hold(client, request, async ({ lease }) => lease.slot?.host)

    expect(host).toBe('h1')
    expect(outcomes(api)).toEqual(['ok'])
    expect(api.all()).toMatchObject([{ status: 'destroyed', reason: 'released' }])
  })

  test('work that throws releases too, as failed, and its error comes out', async () => {
    const { api, client } = await world()

    const held = hold(client, request, () => Promise.reject(new Error('the tests failed')))

    await expect(held).rejects.toThrow('the tests failed')
    expect(outcomes(api)).toEqual(['failed'])
  })

  test('work may say that the host looks ill', async () => {
    const { api, client } = await world()

    await hold(client, request, async ({ report }) => report('host_suspect'))

    expect(outcomes(api)).toEqual(['host_suspect'])
  })

  test('a wait that is aborted is cancelled', async () => {
    const { api, client } = await world({ generous: false })
    const controller = new AbortController()
    const options = {
      signal: controller.signal,
      onCreated: () => controller.abort(new Error('the job was cancelled')),
    }

    const held = hold(client, request, async () => 'never', options)

    await expect(held).rejects.toThrow('the job was cancelled')
    expect(api.all()).toMatchObject([{ status: 'destroyed' }])
  })

  test('work that is aborted from outside ends with the reason, and the lease is released', async () => {
    const { api, client } = await world()
    const controller = new AbortController()

    const held = hold(
      client,
      request,
      async (_, signal) => {
        controller.abort(new Error('enough'))
        await aborted(signal)
        throw new Error('what a socket says')
      },
      { signal: controller.signal },
    )

    await expect(held).rejects.toThrow('enough')
    expect(outcomes(api)).toEqual(['failed'])
  })

  test('a lease that ended before it was active is said to have', async () => {
    const { api, client } = await world({ generous: false })
    const held = hold(client, request, async () => 'never')
    held.catch(() => undefined)
    const { id } = await api.until(({ status }) => status === 'pending')

    await api.end(id, 'wait_timeout')

    await expect(held).rejects.toBeInstanceOf(LeaseEndedError)
  })

  test('a result survives a release that fails', async () => {
    const { api, client } = await world()
    api.failNext('releaseLease', { refuse: new Refusal(400, 'malformed') })

    const held = hold(client, request, async () => 42)

    await expect(held).rejects.toBeInstanceOf(ReleaseFailedError)
    await expect(held).rejects.toMatchObject({ result: 42 })
  })

  test('an error of the work is not hidden by a release that fails', async () => {
    const { api, client } = await world()
    api.failNext('releaseLease', { refuse: new Refusal(400, 'malformed') })
    const told: unknown[] = []

    const held = hold(client, request, () => Promise.reject(new Error('mine')), {
      onReleaseFailed: (error) => told.push(error),
    })

    await expect(held).rejects.toThrow('mine')
    expect(told).toMatchObject([{ code: 'malformed' }])
  })

  test('a lease that is gone already counts as released', async () => {
    const { api, client } = await world()
    api.failNext('releaseLease', { refuse: new Refusal(409, 'lease_lost') })

    await expect(hold(client, request, async () => 'done')).resolves.toBe('done')
  })
})

describe('renewal', () => {
  test('the lease is renewed every third of its ttl, with its own token', async () => {
    const { api, client, clock } = await world({ ttlSeconds: 60 })
    const times: number[] = []
    let renewed = () => {}

    await hold(
      client,
      request,
      async () => {
        for (let turn = 0; turn < 3; turn += 1) {
          const told = new Promise<void>((resolve) => (renewed = resolve))
          times.push(await clock.next())
          await told
        }
      },
      { onRenewed: () => renewed() },
    )

    expect(times).toEqual([20_000, 40_000, 60_000])
    const tokens = api.seen.filter(({ name }) => name === 'renewLease').map(({ token }) => token)
    expect(tokens).toEqual(tokens.map(() => `token-of-${api.all()[0]?.id}`))
  })

  test('a lease that the service ended aborts the work, and the scope says lost whatever the work answers', async () => {
    const { api, client, clock } = await world()
    let reason: unknown

    const held = hold(client, request, async ({ lease }, signal) => {
      await api.end(lease.id, 'operator')
      await clock.next()
      await aborted(signal)
      reason = signal.reason
      return 'an answer nobody may trust'
    })

    await expect(held).rejects.toBeInstanceOf(LeaseLostError)
    await expect(held).rejects.toMatchObject({ why: 'ended' })
    expect(reason).toBeInstanceOf(LeaseLostError)
  })

  test('failed renewals are tried again, and one success is enough', async () => {
    const { api, client, clock } = await world()
    api.failNext('renewLease', { drop: 'before' }, { refuse: new Refusal(503, 'unavailable') })
    let failures = 0
    let renewed = () => {}
    const told = new Promise<void>((resolve) => (renewed = resolve))

    await hold(
      client,
      request,
      async () => {
        await clock.next()
        await clock.next()
        await clock.next()
        await told
      },
      { onRenewed: () => renewed(), onRenewalFailed: () => (failures += 1) },
    )

    expect(failures).toBe(2)
    expect(clock.now()).toBeLessThan(25_000)
  })

  test('when no renewal gets through until the expiry, the lease is lost then and not before', async () => {
    const { api, client, clock } = await world({ ttlSeconds: 60 })
    api.failNext('renewLease', ...Array.from({ length: 100 }, () => ({ drop: 'before' as const })))
    let lostAt = 0

    const held = hold(client, request, async (_, signal) => {
      const lost = aborted(signal)
      while (!signal.aborted) await Promise.race([clock.next(), lost])
      lostAt = clock.now()
    })

    await expect(held).rejects.toMatchObject({ name: 'LeaseLostError', why: 'not_renewed' })
    expect(lostAt).toBe(60_000)
    expect(count(api, 'renewLease')).toBeGreaterThan(5)
  })

  test('at its hard maximum a lease is used on until it ends', async () => {
    const { api, client, clock } = await world()
    api.failNext('renewLease', { refuse: new Refusal(409, 'past_maximum') })
    let failed = () => {}
    const refused = new Promise<void>((resolve) => (failed = resolve))

    const held = hold(
      client,
      request,
      async (_, signal) => {
        await clock.next()
        await refused
        return signal.aborted
      },
      { onRenewalFailed: () => failed() },
    )

    await expect(held).resolves.toBe(false)
  })
})

describe('running', () => {
  test('a command streams and ends with its code', async () => {
    const { client } = await world()

    const seen = await hold(client, request, async (lease) => {
      const command = await lease.run(['sh', '-c', 'echo out; sleep 0.05; echo err >&2; exit 3'])
      const pieces: string[] = []
      for await (const { stream, bytes } of command) pieces.push(`${stream} ${Buffer.from(bytes).toString()}`)
      return { pieces, end: await command.ended() }
    })

    expect(seen).toEqual({ pieces: ['stdout out\n', 'stderr err\n'], end: { exitCode: 3, cause: 'exited' } })
  })

  test('leaving the loop early loses nothing: the rest can be read, and the end', async () => {
    const { client } = await world()

    const seen = await hold(client, request, async (lease) => {
      const command = await lease.run(['sh', '-c', 'echo one; sleep 0.05; echo two'])
      for await (const _ of command) break
      const rest: string[] = []
      for await (const { bytes } of command) rest.push(Buffer.from(bytes).toString())
      return { rest, end: await command.ended() }
    })

    expect(seen).toEqual({ rest: ['two\n'], end: { exitCode: 0, cause: 'exited' } })
  })

  test('a command that is cancelled leaves the lease', async () => {
    const { api, client } = await world()

    const end = await hold(client, request, async (lease) => {
      const command = await lease.run(['sleep', '600'])
      await command.cancel()
      return command.ended()
    })

    expect(end).toEqual({ exitCode: 137, cause: 'cancelled' })
    expect(outcomes(api)).toEqual(['ok'])
  })
})
