import type { Host } from '../../../contract/host.ts'
import { fields, table } from './plain.ts'

export const describeHost = (host: Host): string =>
  [
    fields({
      host: host.name,
      state: host.state,
      reason: host.reason,
      by: host.changed?.by,
      since: host.changed?.at,
      until: host.changed?.untilAt,
    }),
    table(
      ['SLOT', 'STATE', 'LEASE'],
      host.slots.map((slot) => [slot.number, slot.state, slot.lease]),
    ),
  ].join('\n\n')
