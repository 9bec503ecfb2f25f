import { applyConfig } from '../../app/config/apply-config.ts'
import { readConfig } from '../../app/config/read-config.ts'
import type { Ports } from '../../app/ports/ports.ts'
import { ok } from '../../domain/refusals.ts'
import { catalogueOf, presentCatalogue } from '../present/config.ts'
import type { Handlers } from '../router.ts'

export const configHandlers = (
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions' | 'journal'>,
): Handlers<'getConfig' | 'applyConfig'> => ({
  getConfig: async () => ok({ body: presentCatalogue((await readConfig(ports)).catalogue) }),

  applyConfig: async ({ body, query }) => {
    const applied = await applyConfig(ports, catalogueOf(body), query)
    if (!applied.ok) return applied
    return ok({ body: { applied: applied.value.applied, changes: [...applied.value.changes] } })
  },
})
