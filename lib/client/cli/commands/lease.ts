import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { messageOf } from '../failure.ts'
import { HOLDER, holderOf } from '../holder-flags.ts'
import { LEASE_FLAGS, leaseRequestOf } from '../lease-flags.ts'
import { oneOf, whole } from '../parse.ts'
import { leaseStatus, releaseRequest } from '../../../contract/lease.ts'
import { waitForActive } from '../../wait.ts'

const LEASE = { operands: 'LEASE', count: { least: 1, most: 1 } } as const

export const leaseCreate = defineCommand({
  name: 'lease create',
  about: 'Ask for a lease, without running anything in it.',
  flags: { ...LEASE_FLAGS, active: { type: 'boolean', about: 'wait until it is active' } },
  examples: [
    'drydock lease create --blueprint linux --ttl 600',
    'drydock lease create --repository example --commit main --active --json',
  ],
  run: async ({ values }, { screen, client, settings, interruption }) => {
    const api = client()
    const body = leaseRequestOf(values, settings())
    const created = await api.createLease({ body }, { lastAttempt: interruption })
    const { token, id } = created
    if (values.active) {
      screen.say('lease_created', { leaseId: id, blueprint: created.blueprint })
      try {
        const { lease } = await waitForActive(api, id, { token, signal: interruption })
        screen.say('lease', { ...lease, token })
      } catch (error) {
        // Nobody has seen its token yet: nobody else could give it back.
        await api.releaseLease({ id, body: {} }, { token }).catch((failed: unknown) => {
          screen.say('release_failed', { leaseId: id, detail: messageOf(failed) })
        })
        throw error
      }
    } else {
      screen.say('lease', created)
    }
    screen.say('lease_token', { leaseId: id })
    return EXIT.ok
  },
})

export const leaseGet = defineCommand({
  name: 'lease get',
  about: 'Show a lease: where it stands, why it waits or how it ended.',
  ...LEASE,
  flags: HOLDER,
  examples: ['drydock lease get 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ values, operands: [id = ''] }, { screen, client, environment, interruption: signal }) => {
    screen.say('lease', await client().getLease({ id }, { ...holderOf(values, environment), signal }))
    return EXIT.ok
  },
})

export const leaseExplain = defineCommand({
  name: 'lease explain',
  about: 'Why a lease waits: its place, the reason by pool and host, who holds what until when, an estimate.',
  ...LEASE,
  flags: HOLDER,
  examples: ['drydock lease explain 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ values, operands: [id = ''] }, { screen, client, environment, interruption: signal }) => {
    const explanation = await client().explainLease({ id }, { ...holderOf(values, environment), signal })
    screen.say('explanation', explanation)
    return EXIT.ok
  },
})

export const leaseList = defineCommand({
  name: 'lease list',
  about: 'Your leases, newest first; operators see every tenant.',
  flags: {
    status: { type: 'string', value: 'STATUS', about: leaseStatus.options.join(', ') },
    blueprint: { type: 'string', value: 'NAME', about: 'only of this blueprint' },
    pool: { type: 'string', value: 'NAME', about: 'only of this pool' },
    tenant: { type: 'string', value: 'TENANT', about: 'only of this tenant' },
    owner: { type: 'string', value: 'OWNER', about: 'only of this owner' },
    limit: { type: 'string', value: 'N', about: 'at most so many; default 50' },
    cursor: { type: 'string', value: 'CURSOR', about: 'go on where the last list ended' },
  },
  examples: ['drydock lease list --status active', 'drydock lease list --pool linux --json'],
  run: async ({ values }, { screen, client, interruption: signal }) => {
    const status = oneOf('status', leaseStatus.options, values.status)
    const { blueprint, pool, tenant, owner, cursor } = values
    const limit = whole('limit', values.limit)
    const page = await client().listLeases(
      { status, blueprint, pool, tenant, owner, limit, cursor },
      { signal },
    )
    screen.say('leases', page)
    if (page.cursor !== undefined && screen.mode === 'text') screen.say('more', { cursor: page.cursor })
    return EXIT.ok
  },
})

export const leaseRelease = defineCommand({
  name: 'lease release',
  about: 'Give a lease back, or end its wait. Releasing twice is no fault.',
  ...LEASE,
  flags: {
    ...HOLDER,
    outcome: { type: 'string', value: 'OUTCOME', about: 'ok (default), failed or host_suspect' },
  },
  examples: ['drydock lease release 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ values, operands: [id = ''] }, { screen, client, environment, interruption: signal }) => {
    const outcomes = releaseRequest.shape.outcome.unwrap().options
    const outcome = oneOf('outcome', outcomes, values.outcome) ?? 'ok'
    screen.say(
      'lease',
      await client().releaseLease({ id, body: { outcome } }, { ...holderOf(values, environment), signal }),
    )
    return EXIT.ok
  },
})

export const leaseRenew = defineCommand({
  name: 'lease renew',
  about: 'Prolong an active lease, up to its hard maximum.',
  ...LEASE,
  flags: {
    ...HOLDER,
    ttl: { type: 'string', value: 'SECONDS', about: 'life from now on; default: as asked for' },
  },
  examples: ['drydock lease renew 01KA3M7Q5R8T0V2X4Z6B8D0F2H --ttl 900'],
  run: async ({ values, operands: [id = ''] }, { screen, client, environment, interruption: signal }) => {
    const ttlSeconds = whole('ttl', values.ttl)
    const body = ttlSeconds === undefined ? {} : { ttlSeconds }
    screen.say('lease', await client().renewLease({ id, body }, { ...holderOf(values, environment), signal }))
    return EXIT.ok
  },
})

export const leaseEvents = defineCommand({
  name: 'lease events',
  about: "A lease's timeline: every transition, by whom and why.",
  ...LEASE,
  flags: HOLDER,
  examples: ['drydock lease events 01KA3M7Q5R8T0V2X4Z6B8D0F2H --json'],
  run: async ({ values, operands: [id = ''] }, { screen, client, environment, interruption: signal }) => {
    screen.say('events', await client().leaseEvents({ id }, { ...holderOf(values, environment), signal }))
    return EXIT.ok
  },
})
