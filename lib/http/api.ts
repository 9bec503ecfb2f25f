import type { Ports } from '../app/ports/ports.ts'
import { blueprintHandlers } from './handlers/blueprints.ts'
import { buildHandlers, buildPolls } from './handlers/builds.ts'
import { commandHandlers, commandPolls } from './handlers/commands.ts'
import { configHandlers } from './handlers/config.ts'
import { hostHandlers } from './handlers/hosts.ts'
import { getLanding, landingHandlers } from './handlers/landings.ts'
import { getLease, leaseHandlers } from './handlers/leases.ts'
import { poolHandlers } from './handlers/pools.ts'
import { tokenHandlers } from './handlers/tokens.ts'
import { workingCopyHandlers } from './handlers/working-copies.ts'
import { createRouter } from './router.ts'
import type { ServedBy } from './router.ts'

/** Every route but the long polls. */
export const apiRouter = (
  ports: Pick<
    Ports,
    'table' | 'executions' | 'clock' | 'chance' | 'secrets' | 'journal' | 'vault' | 'compression'
  >,
) =>
  createRouter<ServedBy<'api'>>({
    ...leaseHandlers(ports),
    ...commandHandlers(ports),
    ...buildHandlers(ports),
    ...landingHandlers(ports),
    ...poolHandlers(ports),
    ...hostHandlers(ports),
    ...blueprintHandlers(ports),
    ...workingCopyHandlers(ports),
    ...configHandlers(ports),
    ...tokenHandlers(ports),
  })

/** The long polls, which are a function of their own so that they never starve renewals. */
export const pollRouter = (
  ports: Pick<Ports, 'table' | 'executions' | 'clock' | 'compression' | 'journal'>,
) =>
  createRouter<ServedBy<'poll'>>({
    getLease: getLease(ports),
    getLanding: getLanding(ports),
    ...commandPolls(ports),
    ...buildPolls(ports),
  })
