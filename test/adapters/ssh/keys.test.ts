import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../../../infra/local/hosts/keys.ts'

test('every generated key can be read again', () => {
  const pairs = Array.from({ length: 1_000 }, () => generateKeyPair())

  const broken = pairs.filter(({ privateKey }) => ssh2.utils.parseKey(privateKey) instanceof Error)

  expect(broken).toEqual([])
})
