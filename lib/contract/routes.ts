import { administrationRoutes } from './routes/administration.ts'
import { buildRoutes } from './routes/builds.ts'
import { commandRoutes } from './routes/commands.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { landingRoutes } from './routes/landings.ts'
import { leaseRoutes } from './routes/leases.ts'
import { workingCopyRoutes } from './routes/working-copies.ts'

export type { Permission, Route } from './routes/route.ts'

/** The route table: the router, the API document, the client and the deployed routes are made from it. */
export const routes = {
  ...leaseRoutes,
  ...commandRoutes,
  ...landingRoutes,
  ...buildRoutes,
  ...fleetRoutes,
  ...workingCopyRoutes,
  ...administrationRoutes,
} as const

export type RouteName = keyof typeof routes
