import { expect, test } from 'vitest'
import type { Scope } from '../../lib/domain/access.ts'
import type { Admission, Trust } from '../../lib/domain/catalogue.ts'
import { admission, admitsUntrusted, leastOf } from '../../lib/domain/catalogue.ts'

const untrusted = (tenant: string): Admission => ({ tenant, trust: 'untrusted' })
const trusted = (tenant: string): Admission => ({ tenant, trust: 'trusted' })
const LEASE: readonly Scope[] = ['lease']
const FORK: readonly Scope[] = ['untrusted']

test.each<[string, readonly Admission[], readonly Scope[], Trust | undefined]>([
  ['nobody is named', [], LEASE, undefined],
  ['another one is named', ['other'], LEASE, undefined],
  ['it is named', ['acme'], LEASE, 'trusted'],
  ['it is named as trusted', [trusted('acme')], LEASE, 'trusted'],
  ['all are named', ['*'], LEASE, 'trusted'],
  ['it is named as untrusted', [untrusted('acme')], LEASE, 'untrusted'],
  ['all others are untrusted', ['acme', untrusted('*')], LEASE, 'trusted'],
  ['all others are trusted', ['*', untrusted('acme')], LEASE, 'untrusted'],
  ['it is named twice', ['acme', untrusted('acme')], LEASE, 'untrusted'],
  ['it comes as untrusted and is trusted', ['acme', '*'], FORK, undefined],
  ['it comes as untrusted and is named so', [untrusted('acme')], FORK, 'untrusted'],
  ['it comes as untrusted, is trusted, and all are untrusted', ['acme', untrusted('*')], FORK, 'untrusted'],
  ['it comes as both', ['acme'], [...LEASE, ...FORK], undefined],
])('a tenant of which %s', (_, allow, scopes, expected) => {
  expect(admission({ allow }, { tenant: 'acme', scopes })).toBe(expected)
})

test('a blueprint lets untrusted code in only by an entry that says so', () => {
  expect(admitsUntrusted({ allow: ['*', trusted('acme')] })).toBe(false)
  expect(admitsUntrusted({ allow: [untrusted('forks')] })).toBe(true)
})

test('a blueprint that names no level accepts none below user', () => {
  expect([leastOf({}), leastOf({ isolation: 'process' })]).toEqual(['user', 'process'])
})
