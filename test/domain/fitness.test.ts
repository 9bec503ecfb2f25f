import { expect, test } from 'vitest'
import type { HostFacts } from '../../lib/domain/fitness.ts'
import { skewOf, unfitness } from '../../lib/domain/fitness.ts'
import type { Isolation } from '../../lib/domain/isolation.ts'

const GIB = 1024 ** 3

const facts = (changes: Partial<HostFacts> = {}): HostFacts => ({
  git: '2.39.5',
  isolation: 'user',
  diskFreeBytes: 50 * GIB,
  diskTotalBytes: 100 * GIB,
  clock: 0,
  ...changes,
})

test.each<[string, Partial<HostFacts>, Isolation, number, string | undefined]>([
  ['that is well', {}, 'user', 0, undefined],
  ['with the oldest git that is known to work', { git: '2.39.0' }, 'user', 0, undefined],
  ['with an older git', { git: '2.38.9' }, 'user', 0, 'git_too_old'],
  ['with a git of the last century', { git: '1.99' }, 'user', 0, 'git_too_old'],
  ['with a git of a vendor', { git: '2.45.1 (Apple Git-154)' }, 'user', 0, undefined],
  ['with a git of the next century', { git: '3.0' }, 'user', 0, undefined],
  ['below its pool’s level', {}, 'cgroup', 0, 'isolation_too_low'],
  ['at level process where that is named', { isolation: 'process' }, 'process', 0, undefined],
  ['above its pool’s level', { isolation: 'cgroup' }, 'process', 0, undefined],
  ['with little left of much', { diskFreeBytes: GIB, diskTotalBytes: 1000 * GIB }, 'user', 0, undefined],
  ['with a small disk', { diskFreeBytes: GIB / 8, diskTotalBytes: GIB }, 'user', 0, undefined],
  ['with a full disk', { diskFreeBytes: GIB / 4 }, 'user', 0, 'disk_nearly_full'],
  ['whose clock is half a minute ahead', {}, 'user', 30_000, undefined],
  ['whose clock is further ahead', {}, 'user', 30_001, 'clock_wrong'],
  ['whose clock is further behind', {}, 'user', -30_001, 'clock_wrong'],
])('a host %s', (_, changes, least, skew, code) => {
  expect(unfitness(facts(changes), least, skew)?.code).toBe(code)
})

test.each([
  ['between question and answer', 1_500, 0],
  ['ahead of the answer', 2_700, 700],
  ['behind the question', 400, -600],
])('a clock %s is off by what cannot be the way alone', (_, clock, skew) => {
  expect(skewOf(clock, 1_000, 2_000)).toBe(skew)
})
