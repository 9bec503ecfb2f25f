import type { PendingLease, SlotId, Terms } from '../../lib/domain/lease.ts'
import { create } from '../../lib/domain/transitions.ts'

export const NOON = 1_800_000_000_000

export const terms = (changes: Partial<Terms> = {}): Terms => ({
  id: '01J0000000000000000000000A',
  tenant: 'acme',
  owner: 'api-token/ci',
  type: 'host',
  blueprint: 'linux',
  pools: ['linux'],
  waiters: { linux: 'W#001800000000000#01J0000000000000000000000A' },
  priority: 0,
  leastIsolation: 'user',
  createdAt: NOON,
  waitDeadline: NOON + 3_600_000,
  ttl: 600_000,
  maxHold: 14_400_000,
  activationTime: 900_000,
  yields: 1_000,
  permit: 0,
  tokenSalt: 'salt',
  tokenHash: 'hash',
  ...changes,
})

export const pending = (changes: Partial<Terms> = {}): PendingLease =>
  create(terms(changes), { now: NOON, actor: 'api-token/ci' }).lease

export const SLOT: SlotId = { host: 'alpha', number: 1, pool: 'linux' }
