import { cancelLanding } from '../../app/landings/cancel-landing.ts'
import { createLanding } from '../../app/landings/create-landing.ts'
import { awaitLanding, listLandings, viewLanding } from '../../app/landings/view-landing.ts'
import type { LandingView } from '../../app/landings/view-landing.ts'
import type { Ports } from '../../app/ports/ports.ts'
import type { Landing as StoredLanding } from '../../domain/landing/landing.ts'
import { ok } from '../../domain/refusals.ts'
import { given } from '../present/given.ts'
import { milliseconds } from '../present/instant.ts'
import { presentLanding } from '../present/landing.ts'
import type { Handler, Handlers } from '../router.ts'

type Needs = Pick<Ports, 'table' | 'executions' | 'clock' | 'chance' | 'journal'>

/** Everything of landings but the long poll. */
export const landingHandlers = (
  ports: Needs,
): Handlers<'createLanding' | 'listLandings' | 'cancelLanding'> => ({
  createLanding: async ({ caller, body, key }) => {
    const { message, author, expectedHead, blueprint, note, waitSeconds, ...asked } = body
    const verify = asked.verify.map(({ name, script, timeoutSeconds }) => ({
      name,
      script,
      ...given({ timeoutSeconds }),
    }))
    const wait = waitSeconds === undefined ? undefined : milliseconds(waitSeconds)
    const demand = { ...asked, verify, ...given({ message, author, expectedHead, blueprint, note, wait }) }
    const created = await createLanding(ports, caller, demand, key)
    if (!created.ok) return created
    const reply = await replyOf(ports, created.value)
    return ok({ ...reply, headers: { ...reply.headers, location: `/v1/landings/${created.value.id}` } })
  },

  listLandings: async ({ caller, query }) => {
    const { status, repository, branch, tenant, cursor, limit } = query
    const page = await listLandings(ports, caller, {
      limit,
      ...given({ status, repository, branch, tenant, cursor }),
    })
    if (!page.ok) return page
    // Places in queues are left out: one costs as much as the whole page.
    const landings = page.value.landings.map((landing) => bodyOf(ports, { landing }))
    return ok({ body: { landings, ...given({ cursor: page.value.cursor }) } })
  },

  cancelLanding: async ({ caller, parameters }) => {
    const cancelled = await cancelLanding(ports, caller, parameters.id)
    return cancelled.ok ? ok(await replyOf(ports, cancelled.value)) : cancelled
  },
})

/** The long poll of a landing. */
export const getLanding =
  (ports: Pick<Ports, 'table' | 'executions' | 'clock'>): Handler<'getLanding'> =>
  async ({ caller, parameters, query }) => {
    const view = await awaitLanding(ports, caller, parameters.id, milliseconds(query.wait))
    return view.ok ? ok({ body: bodyOf(ports, view.value), headers: headersOf(view.value) }) : view
  }

async function replyOf(ports: Needs, landing: StoredLanding) {
  const view = await viewLanding(ports, landing)
  return { body: bodyOf(ports, view), headers: headersOf(view) }
}

const bodyOf = (ports: Pick<Ports, 'executions'>, view: LandingView) =>
  presentLanding(view, ports.executions.landingExecution(view.landing.id))

const headersOf = ({ landing }: LandingView): Record<string, string> => ({ etag: `"${landing.version}"` })
