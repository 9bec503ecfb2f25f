import type { BlueprintState } from '../../app/blueprints/disable-blueprint.ts'
import { disableBlueprint, enableBlueprint } from '../../app/blueprints/disable-blueprint.ts'
import type { Ports } from '../../app/ports/ports.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import { presentBlueprintState } from '../present/blueprint.ts'
import type { Handlers } from '../router.ts'

export const blueprintHandlers = (
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
): Handlers<'disableBlueprint' | 'enableBlueprint'> => ({
  disableBlueprint: async ({ caller, parameters, body }) => {
    const by = { actor: caller.principal, now: ports.clock.now() }
    return reply(await disableBlueprint(ports, parameters.name, body.reason, by))
  },

  enableBlueprint: async ({ caller, parameters }) => {
    const by = { actor: caller.principal, now: ports.clock.now() }
    return reply(await enableBlueprint(ports, parameters.name, by))
  },
})

const reply = (result: Result<BlueprintState>) =>
  result.ok ? ok({ body: presentBlueprintState(result.value) }) : result
