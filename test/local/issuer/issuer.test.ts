import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openIssuer } from '../../../infra/local/issuer.ts'

test('the key of a directory is kept over restarts, readable by its owner only', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'issuer-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))

  const first = await openIssuer(directory)
  const second = await openIssuer(directory)

  expect(second.issuersParameter).toBe(first.issuersParameter)
  expect(statSync(join(directory, 'issuer-key.json')).mode & 0o777).toBe(0o600)
})

test('without a directory every issuer has a key of its own', async () => {
  const issuers = await Promise.all([openIssuer(), openIssuer()])

  expect(new Set(issuers.map((issuer) => issuer.issuersParameter)).size).toBe(2)
})

test('what is published holds no secret part of the key', async () => {
  const { issuersParameter } = await openIssuer()

  const [issuer] = JSON.parse(issuersParameter) as [{ jwks: { keys: [object] } }]

  expect(Object.keys(issuer.jwks.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})
