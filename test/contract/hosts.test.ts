import { expect, test } from 'vitest'
import { host } from '../../lib/contract/config.ts'

const overSsh = {
  pool: 'linux',
  address: 'build-1.example',
  user: 'drydock',
  hostKey: `SHA256:${'A'.repeat(43)}`,
  capacity: 1,
}
const overSsm = { pool: 'linux', transport: 'ssm', instance: 'i-0123456789abcdef0', capacity: 1 }

test('a host that does not say how it is reached is reached over SSH', () => {
  const read = host.parse(overSsh)

  expect(read).toEqual({ ...overSsh, transport: 'ssh', port: 22, directory: '.drydock' })
})

test('a host over Systems Manager needs no address, login or key', () => {
  const read = host.parse(overSsm)

  expect(read).toEqual({ ...overSsm, directory: '/var/lib/drydock' })
})

test.each(['i-0123456789abcdef0', 'i-01234567', 'mi-0123456789abcdef0'])('%s names a node', (instance) => {
  const read = host.safeParse({ ...overSsm, instance })

  expect(read.success).toBe(true)
})

test.each([
  ['a name that is no node’s', { ...overSsm, instance: 'build-1' }],
  ['a node with an option before it', { ...overSsm, instance: '--i-0123456789abcdef0' }],
  ['a node and more', { ...overSsm, instance: 'i-0123456789abcdef0,i-0123456789abcdef1' }],
  ['no node', { ...overSsm, instance: undefined }],
  ['an address beside the node', { ...overSsm, address: 'build-1.example' }],
  ['a node beside the address', { ...overSsh, instance: 'i-0123456789abcdef0' }],
  ['a directory that begins nowhere', { ...overSsm, directory: '.drydock' }],
  ['a directory that climbs', { ...overSsm, directory: '/var/../etc' }],
  ['another way', { ...overSsm, transport: 'telnet' }],
])('%s is refused', (_what, given) => {
  const read = host.safeParse(given)

  expect(read.success).toBe(false)
})
