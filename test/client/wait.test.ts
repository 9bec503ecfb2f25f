import { afterEach, expect, test } from 'vitest'
import { createClient } from '../../lib/client/api.ts'
import { LeaseEndedError } from '../../lib/client/errors.ts'
import { streamOutput } from '../../lib/client/follow.ts'
import { waitForActive } from '../../lib/client/wait.ts'
import { startLeases } from '../support/api/leases.ts'
import type { World } from '../support/api/leases.ts'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

async function world(given: World = {}) {
  const api = await startLeases(given)
  opened.push(api)
  const slept: number[] = []
  const sleep = async (milliseconds: number) => {
    slept.push(milliseconds)
  }
  const client = createClient({ url: api.url, token: 'api-token', random: () => 0.5, sleep })
  const lease = await client.createLease({ body: { blueprint: 'linux' } })
  return { api, client, slept, lease, token: lease.token }
}

test('waiting ends when the lease is active, and told what it waited for', async () => {
  const { api, client, lease } = await world({ generous: false })
  const reasons: (string | undefined)[] = []
  const waiting = waitForActive(client, lease.id, {
    onWaiting: ({ waiting }) => reasons.push(waiting?.because),
  })
  await untilSeen(api, 2)

  api.change(lease.id, { waiting: { position: 1, pool: 'linux', because: 'its host is draining' } })
  await untilSeen(api, 3)
  api.activate(lease.id)

  await expect(waiting).resolves.toMatchObject({ lease: { status: 'active', slot: { host: 'h1' } } })
  expect(reasons).toContain('its host is draining')
})

test.for(['wait_timeout', 'request_failed', 'cancelled'] as const)(
  'waiting ends when the lease ended: %s',
  async (reason) => {
    const { api, client, lease } = await world({ generous: false })
    const waiting = waitForActive(client, lease.id)

    await api.end(lease.id, reason)

    await expect(waiting).rejects.toBeInstanceOf(LeaseEndedError)
    await expect(waiting).rejects.toMatchObject({ lease: { reason } })
  },
)

test('a poll that answers at once with Retry-After is repeated after that time', async () => {
  const { api, client, slept, lease } = await world({ generous: false })
  api.headers['retry-after'] = '9'
  const waiting = waitForActive(client, lease.id)
  await untilSeen(api, 2)
  api.change(lease.id, { note: 'still far from the head' })
  await untilSeen(api, 3)

  api.activate(lease.id)

  await waiting
  expect(slept).toEqual(slept.map(() => 9_000))
  expect(slept.length).toBeGreaterThan(0)
})

test('polls that come back with nothing new are paced', async () => {
  const { api, client, slept, lease } = await world({ generous: false })
  let polls = 0
  const impatient = createClient({
    url: api.url,
    token: 't',
    random: () => 0.5,
    sleep: client.clock.sleep,
    fetch: async (...given) => {
      polls += 1
      if (polls === 4) api.activate(lease.id)
      const url = (given[0] as string).replace('wait=20', 'wait=0')
      return fetch(url, given[1])
    },
  })

  await waitForActive(impatient, lease.id)

  expect(slept).toEqual([400, 400])
})

test('waiting outlives a service that is gone for a while', async () => {
  const { api, client, lease } = await world()
  api.failNext('getLease', ...Array.from({ length: 20 }, () => ({ drop: 'before' as const })))

  const { lease: active } = await waitForActive(client, lease.id)

  expect(active.status).toBe('active')
})

test('output comes whole and in order, byte for byte, and then the end', async () => {
  const { client, lease, token } = await world()
  const script = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done; exit 7'
  const { number } = await client.runCommand(
    { id: lease.id, body: { argv: ['sh', '-c', script] } },
    { token },
  )

  const { bytes, end } = await collect(streamOutput(client, lease.id, number, { token }))

  expect(bytes.stdout).toEqual(Buffer.from(Array.from({ length: 256 }, (_, value) => value)))
  expect(end).toEqual({ exitCode: 7, cause: 'exited' })
})

test('output over many answers, some of them lost on the way, has no gap and no repetition', async () => {
  const { api, client, lease, token } = await world()
  const argv = ['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x; echo done >&2']
  const { number } = await client.runCommand({ id: lease.id, body: { argv } }, { token })
  api.failNext('commandOutput', { drop: 'after' }, { drop: 'before' }, { drop: 'after' })

  const { bytes, end } = await collect(streamOutput(client, lease.id, number, { token }))

  expect(bytes.stdout.equals(Buffer.alloc(1_000_000, 'x'))).toBe(true)
  expect(bytes.stderr.toString()).toBe('done\n')
  expect(end.exitCode).toBe(0)
})

test('a chunk that begins before the offset asked for is not handed out twice', async () => {
  const { client, lease, token } = await world({
    handlers: {
      commandOutput: ({ query: { after } }) =>
        after < 4
          ? { chunks: [{ offset: 0, stream: 'stdout', base64: btoa('abcd') }], next: 4, ended: false }
          : {
              chunks: [{ offset: 2, stream: 'stdout', base64: btoa('cdef') }],
              next: 6,
              ended: true,
              exitCode: 0,
            },
    },
  })

  const { bytes } = await collect(streamOutput(client, lease.id, 1, { token }))

  expect(bytes.stdout.toString()).toBe('abcdef')
})

async function collect(output: ReturnType<typeof streamOutput>) {
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  for (;;) {
    const step = await output.next()
    if (step.done) {
      const bytes = { stdout: Buffer.concat(pieces.stdout), stderr: Buffer.concat(pieces.stderr) }
      return { bytes, end: step.value }
    }
    pieces[step.value.stream].push(step.value.bytes)
  }
}

async function untilSeen(api: { seen: readonly unknown[] }, count: number): Promise<void> {
  while (api.seen.length < count) await new Promise((resolve) => setImmediate(resolve))
}
