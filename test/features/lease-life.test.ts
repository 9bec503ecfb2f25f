import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamOutput } from '../../lib/client/follow.ts'
import { send } from './support/http.ts'
import { openInstallation, POOL } from './support/installation.ts'
import type { Installation } from './support/installation.ts'
import { activeLease, destroyed, release, run, timeline } from './support/lease.ts'
import type { Held } from './support/lease.ts'
import { mentioning } from './support/observe.ts'

/** Seconds that no other process on this machine sleeps. */
const LONG = `4${process.pid}`

let here: Installation
beforeAll(async () => {
  here = await openInstallation()
})
afterAll(() => here?.close())

describe('from the request to the end', () => {
  test('a lease is asked for, used, given back and destroyed, and its timeline tells all of it', async () => {
    const held = await activeLease(here.client, { note: 'the main job' })
    const worked = await run(here.client, held, ['sh', '-c', 'echo done; exit 3'])
    const released = await release(here.client, held)
    const ended = await destroyed(here.client, held.id)
    const events = await timeline(here.client, held.id)

    expect(worked).toMatchObject({ exitCode: 3, cause: 'exited', stdout: 'done\n', stderr: '' })
    expect(held.lease).toMatchObject({ status: 'active', type: 'host', tries: 0, note: 'the main job' })
    expect(['released', 'destroyed']).toContain(released.status)
    expect(ended).toMatchObject({ status: 'destroyed', reason: 'released', slot: held.lease.slot })
    expect(events.map(({ type }) => type)).toEqual([
      'created',
      'acquired',
      'activated',
      'released',
      'destroyed',
    ])
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5])
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted())
    expect(events[1]?.detail).toEqual({
      host: held.lease.slot?.host,
      slot: held.lease.slot?.number,
      epoch: held.lease.epoch,
    })
  })

  test('the first answer says where the lease is, its version and its token', async () => {
    const { url, token } = here.served
    const key = { 'idempotency-key': randomUUID() }

    const created = await send(url, 'POST', '/v1/leases', { token, headers: key, body: { blueprint: POOL } })

    const id = String(created.body['id'])
    const own = { token: String(created.body['token']) }
    const read = await send(url, 'GET', `/v1/leases/${id}?wait=20`, own)
    await release(here.client, { id, ...own })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/v1/leases/${id}`)
    expect(created.headers.get('etag')).toBe(`"${String(created.body['version'])}"`)
    expect(read.headers.get('etag')).toBe(`"${String(read.body['version'])}"`)
    expect(read.body['status']).toBe('active')
    expect(read.body).not.toHaveProperty('token')
  })

  test('the same key is the same lease with the same token; another request needs another key', async () => {
    const { url, token } = here.served
    const key = { 'idempotency-key': randomUUID() }
    const ask = async (body: object) => send(url, 'POST', '/v1/leases', { token, headers: key, body })

    const [first, second] = await Promise.all([
      ask({ blueprint: POOL, note: 'a' }),
      ask({ note: 'a', blueprint: POOL }),
    ])
    const other = await ask({ blueprint: POOL, note: 'b' })

    const { leases } = await here.client.listLeases({ status: 'active' })
    await release(here.client, { id: String(first.body['id']), token: String(first.body['token']) })
    expect(second.body).toMatchObject({ id: first.body['id'], token: first.body['token'] })
    expect(leases.length).toBeLessThanOrEqual(1)
    expect(other).toMatchObject({ status: 422, body: { code: 'key_reused', leaseId: first.body['id'] } })
  })

  test('a lease names its execution, which is named by the lease', async () => {
    const held = await activeLease(here.client)

    const answer = await fetch(here.served.endpoints['sfn'] ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSStepFunctions.DescribeExecution',
      },
      body: JSON.stringify({ executionArn: held.lease.execution.arn }),
    })

    const execution = (await answer.json()) as { name: string; status: string; input: string }
    await release(here.client, held)
    expect(held.lease.execution.arn.split(':').at(-1)).toBe(held.id)
    expect(execution).toMatchObject({ name: held.id, status: 'RUNNING' })
    expect(JSON.parse(execution.input)).toEqual({ leaseId: held.id })
  })

  test('a long poll waits for its turn and says so in the meantime', async () => {
    const holders = await Promise.all([1, 2, 3, 4].map(() => activeLease(here.client)))
    const asked = await here.client.createLease({ body: { blueprint: POOL } })
    const before = await here.client.getLease({ id: asked.id })

    const poll = here.client.getLease({ id: asked.id, wait: 20 }, { token: asked.token })
    await Promise.all(holders.slice(0, 1).map((holder) => release(here.client, holder)))

    const after = await poll
    await Promise.all([asked, ...holders.slice(1)].map((holder) => release(here.client, holder)))
    expect(before).toMatchObject({ status: 'pending', waiting: { position: 1, pool: POOL } })
    expect(before.waiting?.because).toContain('none of the 4 slots')
    expect(after).toMatchObject({ status: 'active', slot: holders[0]?.lease.slot })
  })
})

describe('commands', () => {
  let held: Held
  beforeAll(async () => {
    held = await activeLease(here.client)
  })
  afterAll(() => release(here.client, held))

  test.for([
    { code: 0, script: 'true' },
    { code: 7, script: 'exit 7' },
    { code: 137, script: 'kill -KILL $$' },
    { code: 143, script: 'kill -TERM $$' },
  ])('exit code $code comes through ($script)', async ({ code, script }) => {
    const outcome = await run(here.client, held, ['sh', '-c', script])

    expect(outcome).toMatchObject({ exitCode: code, cause: 'exited' })
  })

  test('stdout and stderr stay apart, byte for byte', async () => {
    const script = 'printf "out \\303\\251\\n"; printf "err 1\\n" >&2; printf "more"'

    const outcome = await run(here.client, held, ['sh', '-c', script])

    expect(outcome).toMatchObject({ stdout: 'out é\nmore', stderr: 'err 1\n' })
  })

  test('output is there before the command ends', async () => {
    const argv = ['sh', '-c', 'echo first; while [ ! -e go ]; do sleep 0.05; done; echo last']
    const { number } = await here.client.runCommand({ id: held.id, body: { argv } }, held)

    const output = streamOutput(here.client, held.id, number, held)
    const first = await output.next()
    const during = await here.client.getCommand({ id: held.id, number })
    await run(here.client, held, ['touch', 'go'])
    const last = await output.next()
    const end = await output.next()

    expect(text(first)).toBe('first\n')
    expect(during).toMatchObject({ status: 'running' })
    expect(text(last)).toBe('last\n')
    expect(end).toMatchObject({ done: true, value: { exitCode: 0, cause: 'exited' } })
  })

  test('arguments arrive as they were given, whatever is in them', async () => {
    const given = ['two words', 'two\nlines', '', "it's", '$(touch x) `id`', '*', '--', '-n', 'é\\', '"']

    const outcome = await run(here.client, held, ['printf', '<%s>', ...given])

    expect(outcome.stdout).toBe(given.map((argument) => `<${argument}>`).join(''))
  })

  test('the environment is clean: what was given, the lease, and nothing of the host', async () => {
    const environment = { GREETING: 'two words\nand a line', EMPTY: '' }

    const { stdout } = await run(here.client, held, ['env', '-0'], { environment })

    const seen = Object.fromEntries(
      stdout
        .split('\0')
        .filter(Boolean)
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    )
    expect(seen).toMatchObject({ ...environment, DRYDOCK_LEASE_ID: held.id, CI: 'true' })
    expect(Object.keys(seen).filter((name) => /AWS|TOKEN|SSH|NODE/.test(name))).toEqual([])
  })

  test('a command runs where it is told to, and only below the root of its lease', async () => {
    await run(here.client, held, ['mkdir', '-p', 'deep/er', 'out'])
    await run(here.client, held, ['ln', '-s', '/', 'deep/out'])

    const inside = await run(here.client, held, ['pwd'], { directory: 'deep/er' })
    const missing = await run(here.client, held, ['pwd'], { directory: 'nowhere' })
    const outside = await run(here.client, held, ['pwd'], { directory: 'deep/out' })

    expect(inside.stdout).toMatch(/\/deep\/er\n$/)
    expect(missing).toMatchObject({ cause: 'refused', exitCode: undefined, stdout: '' })
    expect(outside).toMatchObject({ cause: 'refused', exitCode: undefined, stdout: '' })
  })

  test('a program that does not exist has the exit code that a shell would give', async () => {
    const outcome = await run(here.client, held, ['no-such-program'])

    expect(outcome).toMatchObject({ exitCode: 127, cause: 'exited' })
  })

  test('a cancelled command ends with everything that it started; the lease stays', async () => {
    const argv = ['sh', '-c', `setsid sleep ${LONG} & echo begun; sleep ${LONG}`]
    const { number } = await here.client.runCommand({ id: held.id, body: { argv } }, held)
    const output = streamOutput(here.client, held.id, number, held)
    await output.next()

    await here.client.cancelCommand({ id: held.id, number }, held)

    const end = await output.next()
    const next = await run(here.client, held, ['echo', 'still here'])
    expect(end).toMatchObject({ done: true, value: { cause: 'cancelled' } })
    expect(mentioning(`sleep\0${LONG}`)).toEqual([])
    expect(next.stdout).toBe('still here\n')
  })

  test('a command ends when its own time is up', async () => {
    const outcome = await run(here.client, held, ['sleep', LONG], { timeoutSeconds: 1 })

    expect(outcome).toMatchObject({ cause: 'timeout' })
  })
})

function text(step: IteratorResult<{ readonly bytes: Uint8Array }, unknown>): string {
  return step.done ? '' : Buffer.from(step.value.bytes).toString()
}
