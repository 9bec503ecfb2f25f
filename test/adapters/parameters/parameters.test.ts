import { SSMClient } from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { startSsm } from '../../../infra/local/ssm/server.ts'
import { systemClock } from '../../../infra/local/stepfunctions/clock.ts'
import { createParameterStore } from '../../../lib/adapters/parameters/parameters.ts'
import { serverKey } from '../../../lib/runtime/server-key.ts'

/** Parameter Store on loopback, and a clock that only tests move. */
async function running(seeds: Readonly<Record<string, string>> = {}) {
  let now = 0
  const service = await startSsm({
    place: { region: 'eu-west-1', account: '123456789012' },
    seeds: Object.fromEntries(
      Object.entries(seeds).map(([name, value]) => [name, { value, type: 'SecureString' as const }]),
    ),
    clock: { now: () => now, after: systemClock.after },
    onLog: () => undefined,
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SSMClient({
    endpoint: service.endpoint,
    region: 'eu-west-1',
    credentials,
    maxAttempts: 1,
  })
  const clock = { now: () => now, sleep: async (milliseconds: number) => void (now += milliseconds) }
  return {
    open: () => createParameterStore(client, clock),
    change: (name: string, value: string) => service.store.put(name, { value, type: 'SecureString' }),
    advance: (milliseconds: number) => (now += milliseconds),
    stored: (name: string) => service.store.get(name),
    stop: () => service.close(),
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await service.close()
    },
  }
}

test('a parameter is read decrypted and remembered for five minutes', async () => {
  await using ssm = await running({ '/a': 'one' })
  const store = ssm.open()

  const first = await store.read('/a')
  ssm.change('/a', 'two')
  ssm.advance(299_999)
  const remembered = await store.read('/a')
  ssm.advance(1)
  const fresh = await store.read('/a')

  expect([first, remembered, fresh]).toEqual(['one', 'one', 'two'])
})

test('one that is not there is nothing to find, and an error to read', async () => {
  await using ssm = await running()
  const store = ssm.open()

  const found = await store.find('/none')

  expect(found).toBeUndefined()
  await expect(store.read('/none')).rejects.toThrow('there is no parameter /none')
})

test('a failed look is not remembered', async () => {
  let calls = 0
  const send = async () => {
    calls += 1
    if (calls === 1) throw new Error('away')
    return { Parameter: { Value: 'one' } }
  }
  const clock = { now: () => 0, sleep: async () => undefined }
  const store = createParameterStore({ send }, clock)

  const first = store.read('/a')
  await expect(first).rejects.toThrow('away')
  const second = await store.read('/a')

  expect(second).toBe('one')
})

test('of many who need the key first, one makes it and all use it', async () => {
  await using ssm = await running()
  const stores = Array.from({ length: 8 }, () => ssm.open())

  const keys = await Promise.all(stores.map((store) => serverKey(store, '/key')))

  const stored = ssm.stored('/key')
  expect(new Set(keys.map((key) => Buffer.from(key).toString('base64')))).toEqual(new Set([stored?.value]))
  expect(stored).toMatchObject({ type: 'SecureString', version: 1 })
})

test('a key that is there is never replaced, and must be one', async () => {
  const kept = Buffer.alloc(32, 9).toString('base64')
  await using ssm = await running({ '/key': kept, '/broken': 'short' })

  const key = await serverKey(ssm.open(), '/key')
  const broken = serverKey(ssm.open(), '/broken')

  expect(Buffer.from(key).toString('base64')).toBe(kept)
  await expect(broken).rejects.toThrow('parameter /broken does not hold 32 bytes in base64')
})
