import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { instant } from '../parse.ts'
import { UsageError } from '../usage.ts'

const HOST = { operands: 'HOST', count: { least: 1, most: 1 } } as const
const REASON = { type: 'string', value: 'TEXT', about: 'shown to whoever asks (required)' } as const

export const hostDrain = defineCommand({
  name: 'host drain',
  about: 'Give no new leases to a host; those that it has go on to their end.',
  ...HOST,
  flags: {
    reason: REASON,
    until: { type: 'string', value: 'TIME', about: 'then it gives leases again by itself' },
  },
  examples: [
    'drydock host drain build-1 --reason "new kernel"',
    'drydock host drain build-1 --reason "new kernel" --until 2030-01-01T06:00:00Z',
  ],
  run: async ({ values, operands: [name = ''] }, { screen, client, interruption: signal }) => {
    const until = instant('until', values.until)
    const body = { reason: given(values.reason), ...(until === undefined ? {} : { until }) }
    screen.say('host', await client().drainHost({ name, body }, { signal }))
    return EXIT.ok
  },
})

export const hostReturn = defineCommand({
  name: 'host return',
  about: 'Let a host give leases again: one that is draining, quarantined or lost.',
  ...HOST,
  flags: {},
  examples: ['drydock host return build-1'],
  run: async ({ operands: [name = ''] }, { screen, client, interruption: signal }) => {
    screen.say('host', await client().returnHost({ name }, { signal }))
    return EXIT.ok
  },
})

export const hostLost = defineCommand({
  name: 'host lost',
  about: `Say that a host is gone for good, or for long.

Its leases end now instead of at their expiry; those that were not active yet go back to their place in the queue. It
gives no leases until it is returned, and its slots none until it answers and they are clean.`,
  ...HOST,
  flags: { reason: REASON },
  examples: ['drydock host lost build-1 --reason "its disk is broken"'],
  run: async ({ values, operands: [name = ''] }, { screen, client, interruption: signal }) => {
    const body = { reason: given(values.reason) }
    screen.say('host', await client().loseHost({ name, body }, { signal }))
    return EXIT.ok
  },
})

function given(reason: string | undefined): string {
  if (reason === undefined) throw new UsageError('--reason is missing')
  return reason
}
