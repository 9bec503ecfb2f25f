import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hostDocument } from '../../../infra/constructs/host-document.ts'
import { payloadsOf } from '../../../lib/adapters/ssm/message.ts'
import { HOST_DOCUMENT } from '../../../lib/contract/host-document.ts'

const message = { directory: '/var/lib/drydock', id: 'abc', notAfter: 1_800_000_000, task: 'run' }
const decoded = (payload: string): [header: string, body: string] => {
  const text = Buffer.from(payload, 'base64url').toString('utf8')
  const at = text.indexOf('\nbody\n')
  return [text.slice(0, at), text.slice(at + '\nbody\n'.length)]
}

test.each([0, 1, 2, 3, 4, 5, 1_000])('a body of %i bytes makes whole groups, without padding', (length) => {
  const [parts, last] = payloadsOf({ ...message, body: 'x'.repeat(length) })

  expect(parts).toEqual([])
  expect(last).toMatch(new RegExp(HOST_DOCUMENT.payloadPattern))
  expect(last.length % 4).toBe(0)
  expect(decoded(last)[1]).toBe('x'.repeat(length))
})

test('a body keeps its bytes over the borders of parts, and no part is larger than a payload may be', () => {
  const body = Array.from({ length: 30_000 }, (_, at) => `é${at}\n`).join('')

  const [parts, last] = payloadsOf({ ...message, body })

  const bodies = [...parts, last].map((payload) => {
    const bytes = Buffer.from(payload, 'base64url')
    return bytes.subarray(bytes.indexOf('\nbody\n') + '\nbody\n'.length)
  })
  expect(parts.length).toBeGreaterThan(5)
  expect([...parts, last].every(({ length }) => length <= HOST_DOCUMENT.payloadCharacters)).toBe(true)
  expect(Buffer.concat(bodies).toString('utf8') === body).toBe(true)
  expect(decoded(last)[0]).toContain(`part=${parts.length + 1}\nparts=${parts.length + 1}\ntask=run`)
})

test('the document and its largest payload keep below the 64 KB that they share', () => {
  const document = JSON.stringify(hostDocument('0'.repeat(64)))

  expect(document.length + HOST_DOCUMENT.payloadCharacters).toBeLessThan(48 * 1024)
})

test('the document says nothing to a shell that a payload could change', () => {
  const text = readFileSync('infra/constructs/host-document.sh', 'utf8')

  expect(text.match(/\{\{.*?\}\}/g)).toEqual(['{{ payload }}'])
  expect(text).toContain(`printf %s '{{ payload }}' |`)
})
