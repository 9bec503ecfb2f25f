import { expect, test } from 'vitest'
import { TableBusy } from '../../lib/adapters/dynamodb/retry.ts'
import { base32 } from '../../lib/runtime/base32.ts'
import { systemChance } from '../../lib/runtime/chance.ts'
import { gzip } from '../../lib/runtime/compression.ts'
import { environment } from '../../lib/runtime/environment.ts'
import { lazy } from '../../lib/runtime/lazy.ts'
import { redact } from '../../lib/runtime/redact.ts'
import { createSecrets, keyless } from '../../lib/runtime/secrets.ts'
import { step } from '../../lib/runtime/step.ts'
import type { Context } from 'aws-lambda'

test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('base32 of %j is %j, as RFC 4648 has it', (text, expected) => {
  const encoded = base32(Buffer.from(text))

  expect(encoded).toBe(expected)
})

test('opaque texts are 26 letters and digits, and never the same', () => {
  const made = Array.from({ length: 100 }, () => systemChance.opaque())

  expect(new Set(made).size).toBe(100)
  expect(made.every((text) => /^[a-z2-7]{26}$/.test(text))).toBe(true)
})

test('a lease token follows from key, lease and salt, and from nothing else', async () => {
  const secrets = createSecrets(async () => Buffer.alloc(32, 1))
  const others = createSecrets(async () => Buffer.alloc(32, 2))

  const tokens = await Promise.all([
    secrets.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T1', 'salt'),
    secrets.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T1', 'salt'),
    secrets.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T1', 'pepper'),
    secrets.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T2', 'salt'),
    others.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T1', 'salt'),
  ])

  expect(tokens[0]).toMatch(/^drydock_lease_01J8ZB2WJ3N3W5V6G7Q8R9S0T1_[\w-]{43}$/)
  expect(tokens[1]).toBe(tokens[0])
  expect(new Set(tokens).size).toBe(4)
})

test('who has no key makes no lease token, and hashes like everybody else', async () => {
  const made = keyless.leaseToken('01J8ZB2WJ3N3W5V6G7Q8R9S0T1', 'salt')

  await expect(made).rejects.toThrow('makes no lease tokens')
  expect(keyless.hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('output that was packed is unpacked byte for byte', () => {
  const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => (index * 31) % 256)

  const unpacked = gzip.unpack(gzip.pack(bytes))

  expect(Buffer.compare(unpacked, bytes)).toBe(0)
})

test('a value is made once; a failed making is forgotten', () => {
  let calls = 0
  const value = lazy(() => {
    calls += 1
    if (calls === 1) throw new Error('not yet')
    return { calls }
  })

  expect(value).toThrow('not yet')
  expect(value()).toEqual({ calls: 2 })
  expect(value()).toBe(value())
})

test('an environment that is not complete names what is missing and no value', () => {
  const read = () => environment('api', { TABLE_NAME: 'secret-name', EXECUTION_LINK_PREFIX: 'nonsense' })

  expect(read).toThrow(/LEASE_MACHINE_ARN.*COMMAND_MACHINE_ARN.*SLOT_MACHINE_ARN.*EXECUTION_LINK_PREFIX/)
  expect(read).not.toThrow(/secret-name|nonsense/)
})

test('an environment is what its schema says, and nothing else', () => {
  const read = environment('issue-token', { TABLE_NAME: 't', AWS_SECRET_ACCESS_KEY: 'x' })

  expect(read).toEqual({ TABLE_NAME: 't' })
})

const lease = `drydock_lease_01J8ZB2WJ3N3W5V6G7Q8R9S0T1_${'a'.repeat(43)}`
const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl'
const facts: readonly (readonly [string, unknown, unknown])[] = [
  [
    'a field that names a secret',
    { taskToken: 'x', deep: { argv: ['x'] } },
    { taskToken: '[redacted]', deep: { argv: '[redacted]' } },
  ],
  ['a token in a text', [`no ${lease}.`], ['no drydock_lease_01J8ZB2WJ3N3W5V6G7Q8R9S0T1_[redacted].']],
  ['a JWT in an error', new Error(`bad ${jwt}`), { name: 'Error', message: 'bad [redacted]' }],
  ['bytes', { output: new Uint8Array(3) }, { output: '3 bytes' }],
  ['what is harmless', { host: 'alpha', tries: 2, gone: null }, { host: 'alpha', tries: 2, gone: null }],
]
test.each(facts)('%s is logged as it may be', (_, value, expected) => {
  const logged = redact(value)

  expect(logged).toEqual(expected)
})

test('a circle in the facts is cut', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle

  const logged = JSON.stringify(redact(circle))

  expect(logged).toContain('…')
})

test('a table without an answer gets the name by which machines try again', async () => {
  const busy = step(async () => {
    throw new TableBusy('Query', 12, false, undefined)
  })

  const failed = busy({}, { awsRequestId: '1' } as Context)

  await expect(failed).rejects.toMatchObject({ name: 'DrydockTableBusy' })
})

test('every other error goes on as it is', async () => {
  const fault = new RangeError('ours')
  const broken = step(async () => {
    throw fault
  })

  const failed = broken({}, { awsRequestId: '1' } as Context)

  await expect(failed).rejects.toBe(fault)
})
