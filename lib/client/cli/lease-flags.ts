import { leaseRequest } from '../../contract/lease.ts'
import type { LeaseRequest } from '../../contract/lease.ts'
import type { Flags, Values } from './command.ts'
import { whole } from './parse.ts'
import type { Settings } from './settings.ts'
import { SettingsError, UsageError } from './usage.ts'

/** What `run` and `lease create` ask a lease with. */
export const LEASE_FLAGS = {
  blueprint: {
    type: 'string',
    value: 'NAME',
    about: 'the recipe that serves the lease (or DRYDOCK_BLUEPRINT)',
  },
  type: {
    type: 'string',
    value: 'TYPE',
    about: 'host or working-copy: in place of a blueprint, the first that allows you',
  },
  pools: { type: 'string', value: 'A,B', about: 'only these pools of the blueprint, at most 4' },
  repository: { type: 'string', value: 'NAME', about: 'a registered repository: take a working copy of it' },
  commit: {
    type: 'string',
    value: 'COMMIT',
    about: 'commit id, branch, tag or ref; default: the default branch',
  },
  priority: { type: 'string', value: 'N', about: '-10 to 10; one step is worth ten minutes of waiting' },
  ttl: { type: 'string', value: 'SECONDS', about: 'how long the lease outlives its holder' },
  wait: { type: 'string', value: 'SECONDS', about: 'longest wait for a slot' },
  'max-hold': { type: 'string', value: 'SECONDS', about: 'hard maximum from activation' },
  'keep-on-failure': {
    type: 'string',
    value: 'SECONDS',
    about: 'leave slot and copy for a look when the command failed',
  },
  note: { type: 'string', value: 'TEXT', about: 'shown to operators, e.g. the link of the CI job' },
} as const satisfies Flags

const FLAG_OF: Readonly<Record<string, string>> = {
  ttlSeconds: 'ttl',
  waitSeconds: 'wait',
  maxHoldSeconds: 'max-hold',
  onFailure: 'keep-on-failure',
}

/** @throws UsageError or SettingsError */
export function leaseRequestOf(values: Values<typeof LEASE_FLAGS>, settings: Settings): LeaseRequest {
  const { type } = values
  // A type that is asked for goes before a blueprint that is only the default.
  const blueprint = values.blueprint ?? (type === undefined ? settings.blueprint : undefined)
  if (blueprint === undefined && type === undefined) {
    throw new SettingsError(
      'which blueprint? name it with --blueprint or DRYDOCK_BLUEPRINT, or ask for a --type',
    )
  }
  const holdSeconds = whole('keep-on-failure', values['keep-on-failure'])
  const asked = {
    blueprint,
    type,
    pools: values.pools?.split(','),
    repository: values.repository,
    commit: values.commit,
    priority: whole('priority', values.priority),
    ttlSeconds: whole('ttl', values.ttl),
    waitSeconds: whole('wait', values.wait),
    maxHoldSeconds: whole('max-hold', values['max-hold']),
    onFailure: holdSeconds === undefined ? undefined : { holdSeconds },
    note: values.note,
  }
  const request = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  const read = leaseRequest.safeParse(request)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = String(issue?.path[0])
  throw new UsageError(`--${FLAG_OF[field] ?? field}: ${issue?.message ?? 'not valid'}`)
}
