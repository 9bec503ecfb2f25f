import { findCopy } from '../../app/copies/find-copy.ts'
import { listCopies } from '../../app/copies/list-copies.ts'
import { removeCopy } from '../../app/copies/remove-copy.ts'
import type { Ports } from '../../app/ports/ports.ts'
import { ok } from '../../domain/refusals.ts'
import type { Result } from '../../domain/refusals.ts'
import type { DestroyedCopy, WorkingCopy } from '../../domain/working-copy.ts'
import { given } from '../present/given.ts'
import { presentCopy } from '../present/working-copy.ts'
import type { Handlers } from '../router.ts'

export const workingCopyHandlers = (
  ports: Pick<Ports, 'table' | 'chance' | 'clock' | 'executions'>,
): Handlers<'listWorkingCopies' | 'getWorkingCopy' | 'removeWorkingCopy'> => ({
  listWorkingCopies: async ({ query: { limit, host, blueprint, repository, cursor } }) => {
    const page = await listCopies(ports, { limit, ...given({ host, blueprint, repository, cursor }) })
    if (!page.ok) return page
    return ok({
      body: {
        workingCopies: page.value.copies.map(presentCopy),
        ...given({ cursor: page.value.cursor }),
      },
    })
  },

  getWorkingCopy: async ({ parameters }) => reply(await findCopy(ports, parameters.id)),

  removeWorkingCopy: async ({ caller, parameters }) => {
    const by = { actor: caller.principal, now: ports.clock.now() }
    return reply(await removeCopy(ports, parameters.id, by))
  },
})

const reply = (result: Result<WorkingCopy | DestroyedCopy>) =>
  result.ok ? ok({ body: presentCopy(result.value) }) : result
