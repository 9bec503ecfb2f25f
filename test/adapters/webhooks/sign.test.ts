import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSecret, sign } from '../../../lib/adapters/webhooks/sign.ts'

const key = (fill: number, bytes = 32) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`
const AT = 1_614_265_330_000

test('a message is signed as the standard says: id, time in seconds and body', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'

  const headers = sign([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', AT, body)

  // The example that the specification's own libraries are tested with.
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('while a secret is exchanged, both sign', () => {
  const headers = sign([key(1), key(2)], 'id', AT, 'body')

  const signatures = headers['webhook-signature'].split(' ')
  const expected = [1, 2].map((fill) => {
    const mac = createHmac('sha256', Buffer.alloc(32, fill)).update('id.1614265330.body').digest('base64')
    return `v1,${mac}`
  })
  expect(signatures).toEqual(expected)
})

test.each([
  [key(1), true],
  [key(1, 24), true],
  [key(1, 64), true],
  [key(1, 23), false],
  [key(1, 65), false],
  ['whsec_', false],
  ['whsec_not base64!', false],
  [key(1).slice('whsec_'.length), false],
  ['', false],
])('%s is a secret: %s', (text, is) => {
  expect(isSecret(text)).toBe(is)
})
