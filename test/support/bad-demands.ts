export interface BadDemand {
  readonly what: string
  readonly body: object
  readonly status: number
  readonly code: string
}

const host = { blueprint: 'linux' }
const copy = { blueprint: 'checkout', repository: 'example' }

const refused = (status: number, code: string, cases: Readonly<Record<string, object>>): BadDemand[] =>
  Object.entries(cases).map(([what, body]) => ({ what, body, status, code }))

/**
 * Requests of a lease that cannot be granted where there are a pool `linux`, a pool `bare` without a host, working
 * copies `checkout` on the first one and a repository `example`.
 */
export const badDemands: readonly BadDemand[] = [
  ...refused(400, 'malformed', {
    'of nothing': {},
    'of a blueprint whose name is a number': { blueprint: 7 },
    'of a name that climbs': { blueprint: '../linux' },
    'of a type that is a number': { type: 7 },
    'of a URL': { ...copy, repository: 'https://example.com/x.git' },
    'at an option': { ...copy, commit: '--upload-pack=x' },
    'at a control character': { ...copy, commit: 'main\u0007' },
    'at a line end': { ...copy, commit: 'main\n' },
    'in no pool': { ...copy, pools: [] },
    'in a pool whose name is none': { ...host, pools: ['#'] },
    'in one pool that is no list': { ...host, pools: 'linux' },
    'with a ttl in words': { ...host, ttlSeconds: '600' },
    'with a ttl beyond all numbers': { ...host, ttlSeconds: 1e300 },
    'with half a second of wait': { ...host, waitSeconds: 0.5 },
    'with a priority in words': { ...host, priority: 'high' },
  }),
  ...refused(422, 'unknown_blueprint', { 'of an unknown blueprint': { blueprint: 'linus' } }),
  ...refused(422, 'unknown_type', {
    'of an unknown type': { type: 'boat' },
    'of a blueprint and an unknown type': { ...host, type: 'boat' },
  }),
  ...refused(422, 'unknown_repository', {
    'of a repository that nobody registered': { ...copy, repository: 'exampel' },
    'of a type, with a repository that nobody registered': { type: 'working-copy', repository: 'exampel' },
  }),
  ...refused(422, 'unknown_pool', {
    'in an unknown pool': { ...copy, pools: ['linux', 'lunix'] },
    'of a type, in an unknown pool': { type: 'host', pools: ['lunix'] },
  }),
  ...refused(422, 'too_many_pools', {
    'in five pools': { ...copy, pools: ['linux', 'bare', 'c', 'd', 'e'] },
    'of a type, in five pools': { type: 'host', pools: ['linux', 'bare', 'c', 'd', 'e'] },
  }),
  ...refused(422, 'unknown_priority', {
    'with a priority above all': { ...host, priority: 11 },
    'with a priority below all': { ...host, priority: -11 },
    'with a priority of a million': { ...host, priority: 1_000_000 },
  }),
  ...refused(422, 'too_long', {
    'with a ttl above the maximum': { ...host, ttlSeconds: 3_601 },
    'with a ttl of many years': { ...host, ttlSeconds: 2_147_483_648 },
    'with a wait above the maximum': { ...host, waitSeconds: 86_401 },
    'with a hold above the maximum': { ...host, maxHoldSeconds: 86_401 },
    'to be kept for too long after a failure': { ...host, onFailure: { holdSeconds: 14_401 } },
  }),
  ...refused(422, 'too_short', {
    'with a ttl below the least': { ...host, ttlSeconds: 59 },
    'with a ttl of 0': { ...host, ttlSeconds: 0 },
    'with a negative ttl': { ...host, ttlSeconds: -600 },
    'with a wait of 0': { ...host, waitSeconds: 0 },
    'with a negative wait': { ...host, waitSeconds: -1 },
    'with a hold of 0': { ...host, maxHoldSeconds: 0 },
    'to be kept for no time after a failure': { ...host, onFailure: { holdSeconds: 0 } },
  }),
  ...refused(422, 'impossible', {
    'of a blueprint that is not of the type': { ...host, type: 'working-copy' },
    'of a repository on a bare host': { ...host, repository: 'example' },
    'of a working copy of nothing': { blueprint: 'checkout' },
    'of a type, a working copy of nothing': { type: 'working-copy' },
    'in a pool that the blueprint has not': { ...copy, pools: ['bare'] },
    'where no host is': { blueprint: 'bare' },
    'of a type, where no blueprint has it all': { type: 'host', pools: ['linux', 'bare'] },
  }),
  ...refused(413, 'too_large', { 'with two megabytes': { ...host, note: 'x'.repeat(2_000_000) } }),
]
