import { createHmac, createPublicKey } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { openIssuer } from '../../infra/local/issuer.ts'
import { createToken } from '../../lib/app/tokens/api-tokens.ts'
import { createAuthorizer } from '../../lib/http/authorizer/authorize.ts'
import type { IssuerInput } from '../../lib/http/authorizer/issuers.ts'
import { openGateway } from './support/gateway.ts'
import { activeLease } from './support/lease.ts'

const ISSUER = 'https://ci.example'
const nobody = { isAuthorized: true, context: { principal: '' } }
const unknowable = { isAuthorized: true, context: { principal: '', unavailable: 'yes' } }

type Algorithm = 'EdDSA' | 'RS256' | 'ES256'

/** An issuer with one key, and the authorizer that takes its tokens. */
async function trusted(algorithm: Algorithm = 'EdDSA', more: Partial<IssuerInput> = {}) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: algorithm, use: 'sig' }
  const jwks = { keys: [{ ...jwk, kty: String(jwk.kty) }] }
  const issuers: readonly IssuerInput[] = [{ issuer: ISSUER, audience: 'drydock', jwks, ...more }]
  const { ports } = await openGateway()
  const warnings: unknown[] = []
  const journal = { warn: (...warning: unknown[]) => warnings.push(warning) }
  const authorize = createAuthorizer({ ...ports, journal }, async () => JSON.stringify(issuers))
  const sign = (claims: object = {}, header: object = {}, key = privateKey) =>
    new SignJWT({
      iss: ISSUER,
      aud: 'drydock',
      sub: 'repo:1',
      tenant: 'acme',
      scope: 'lease other',
      exp: nowSeconds() + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: algorithm, kid: 'k1', ...header })
      .sign(key)
  const check = (authorization: string) => authorize({ headers: { authorization } })
  return { sign, check, warnings, publicJwk: jwk }
}

const nowSeconds = () => Math.floor(Date.now() / 1_000)

test.each(['EdDSA', 'RS256', 'ES256'] as const)(
  'a %s token of a configured issuer says who calls',
  async (algorithm) => {
    const { sign, check } = await trusted(algorithm)

    const verdict = await check(`Bearer ${await sign()}`)

    expect(verdict).toEqual({
      isAuthorized: true,
      context: { principal: `${ISSUER}/repo:1`, tenant: 'acme', scopes: 'lease' },
    })
  },
)

test('claims are read under the names that the operators gave', async () => {
  const { sign, check } = await trusted('EdDSA', { tenantClaim: 'org', scopesClaim: 'roles' })

  const verdict = await check(`bearer ${await sign({ org: 'umbrella', roles: ['operator', 'admin'] })}`)

  expect(verdict.context).toMatchObject({ tenant: 'umbrella', scopes: 'operator' })
})

const untrue: readonly (readonly [string, object])[] = [
  ['has expired', { exp: 1 }],
  ['never ends', { exp: undefined }],
  ['is not valid yet', { nbf: 4_000_000_000 }],
  ['is for another audience', { aud: 'other' }],
  ['is for no audience', { aud: undefined }],
  ['is of an issuer that nobody configured', { iss: 'https://evil.example' }],
  ['has no subject', { sub: undefined }],
  ['has a subject that breaks a line', { sub: 'a\nb' }],
  ['has no tenant', { tenant: undefined }],
  ['has a tenant that climbs', { tenant: '../acme' }],
  ['has a tenant that is a list', { tenant: ['acme'] }],
]
test.each(untrue)('a token that %s stands for nobody', async (_, claims) => {
  const { sign, check, warnings } = await trusted()

  const verdict = await check(`Bearer ${await sign(claims)}`)

  expect(verdict).toEqual(nobody)
  expect(warnings).toEqual([])
})

test('a token signed with another key stands for nobody', async () => {
  const { sign, check } = await trusted()
  const { privateKey } = await generateKeyPair('EdDSA')

  const verdicts = await Promise.all([
    check(`Bearer ${await sign({}, {}, privateKey)}`),
    check(`Bearer ${await sign({}, { kid: 'k2' }, privateKey)}`),
  ])

  expect(verdicts).toEqual([nobody, nobody])
})

test('a token cannot choose its algorithm: none and the public key as a secret stand for nobody', async () => {
  const { check, publicJwk } = await trusted('RS256')
  const claims = {
    iss: ISSUER,
    aud: 'drydock',
    sub: 's',
    tenant: 'acme',
    scope: 'operator',
    exp: nowSeconds() + 60,
  }
  const pem = createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claims)}`
  const forged = `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`

  const verdicts = await Promise.all([
    check(`Bearer ${new UnsecuredJWT(claims).encode()}`),
    check(`Bearer ${encode({ alg: 'none', kid: 'k1' })}.${encode(claims)}.`),
    check(`Bearer ${forged}`),
  ])

  expect(verdicts).toEqual([nobody, nobody, nobody])
})

test.each([
  '',
  'Bearer',
  'Bearer ',
  'Basic dXNlcjpwYXNz',
  'Bearer a b',
  'Bearer é',
  'Bearer ..',
  'Bearer a.b.c',
  'Bearer e30.e30.',
  `Bearer ${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.bnVsbA.x`,
  `Bearer ${'x'.repeat(20_000)}`,
  'Bearer drydock_api_01J8ZB2WJ3N3W5V6G7Q8R9S0T1_',
])('garbage stands for nobody and is no fault: %j', async (authorization) => {
  const { check, warnings } = await trusted()

  const verdict = await check(authorization)

  expect(verdict).toEqual(nobody)
  expect(warnings).toEqual([])
})

test('an API token is good until it expires', async () => {
  const { ports, world } = await openGateway()
  const authorize = createAuthorizer(ports, async () => undefined)
  const { token, record } = await createToken(ports, { tenant: 'acme', scopes: ['lease'], life: 60_000 })
  const headers = { authorization: `Bearer ${token}` }

  const good = await authorize({ headers })
  await world.advance(60_000)
  const late = await authorize({ headers })

  expect(good.context).toEqual({ principal: `api-token/${record.id}`, tenant: 'acme', scopes: 'lease' })
  expect(late).toEqual(nobody)
})

test('the token of a lease that has ended still reads it, and repeats its release', async () => {
  const gateway = await openGateway()
  const { id, token } = await activeLease(gateway)
  await gateway.send('DELETE', `/v1/leases/${id}`, { token })
  await gateway.world.settle()

  const read = await gateway.send('GET', `/v1/leases/${id}`, { token })
  const released = await gateway.send('DELETE', `/v1/leases/${id}`, { token })
  const renewed = await gateway.send('POST', `/v1/leases/${id}/renew`, { token })

  expect([read.body['status'], released.body['status']]).toEqual(['destroyed', 'destroyed'])
  expect(renewed).toMatchObject({ status: 409, body: { code: 'lease_lost' } })
})

test.each(['not json', '{}', '[{"issuer":"x"}]'])(
  'a list of issuers that is not valid (%s) lets no JWT in, and API tokens still work',
  async (text) => {
    const { ports, ci } = await openGateway()
    const { sign } = await trusted()
    const warnings: unknown[] = []
    const journal = { warn: (...warning: unknown[]) => warnings.push(warning) }
    const authorize = createAuthorizer({ ...ports, journal }, async () => text)

    const jwt = await authorize({ headers: { authorization: `Bearer ${await sign()}` } })
    const own = await authorize({ headers: { authorization: `Bearer ${ci}` } })

    expect(jwt).toEqual(unknowable)
    expect(own.context.tenant).toBe('acme')
    expect(warnings).toHaveLength(1)
  },
)

test('the local issuer signs what the authorizer takes', async () => {
  const issuer = await openIssuer()
  const gateway = await openGateway({ issuers: issuer.issuersParameter })
  const mint = (lifeSeconds: number) =>
    issuer.mint({ tenant: 'local', scopes: ['lease', 'operator'], lifeSeconds, subject: 'me' })

  const good = await gateway.send('GET', '/v1/pools', { token: await mint(60) })
  const late = await gateway.send('GET', '/v1/pools', { token: await mint(-60) })

  expect(good.status).toBe(200)
  expect(late).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})
