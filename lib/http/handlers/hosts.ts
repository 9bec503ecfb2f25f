import { readSlots } from '../../app/store/read.ts'
import type { HostChange } from '../../app/fleet/change-host.ts'
import { changeHost } from '../../app/fleet/change-host.ts'
import { loseHost } from '../../app/fleet/lose-host.ts'
import type { Ports } from '../../app/ports/ports.ts'
import type { Caller } from '../../domain/access.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok, refuse } from '../../domain/refusals.ts'
import type { Host } from '../../domain/slot.ts'
import { given } from '../present/given.ts'
import { presentHost } from '../present/host.ts'
import type { Handlers } from '../router.ts'

type Needs = Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>

/** What is destroyed does not come back. */
const FROM: NonNullable<HostChange['from']> = ['active', 'draining', 'quarantined', 'disabled']

export const hostHandlers = (ports: Needs): Handlers<'drainHost' | 'returnHost' | 'loseHost'> => ({
  drainHost: async ({ caller, parameters: { name }, body }) => {
    const until = body.until === undefined ? undefined : Date.parse(body.until)
    if (until !== undefined && until <= ports.clock.now()) {
      return refuse('too_short', '`until` is not in the future: the drain would be over before it began.', {
        hints: { fields: ['body.until'] },
      })
    }
    const change = { state: 'draining', reason: body.reason, from: FROM, ...given({ until }) } as const
    return reply(ports, await changed(ports, name, change, caller))
  },

  returnHost: async ({ caller, parameters: { name } }) =>
    reply(ports, await changed(ports, name, { state: 'active', from: FROM }, caller)),

  loseHost: async ({ caller, parameters: { name }, body }) =>
    reply(ports, await loseHost(ports, name, body.reason, causeOf(ports, caller))),
})

async function changed(
  ports: Needs,
  name: string,
  change: HostChange,
  caller: Caller,
): Promise<Result<Host>> {
  const result = await changeHost(ports, name, change, causeOf(ports, caller))
  if (!result.ok || result.value.state === change.state) return result
  return refuse('conflict', `Host ${name} is ${result.value.state}.`)
}

const causeOf = (ports: Needs, caller: Caller) => ({ actor: caller.principal, now: ports.clock.now() })

async function reply(ports: Needs, result: Result<Host>) {
  if (!result.ok) return result
  return ok({ body: presentHost(result.value, await readSlots(ports, result.value.name)) })
}
