import { abortBuild } from '../../app/builds/abort-build.ts'
import { awaitBuildOutput } from '../../app/builds/build-output.ts'
import { createBuild } from '../../app/builds/create-build.ts'
import { listBuilds } from '../../app/builds/list-builds.ts'
import { restartBuild } from '../../app/builds/restart-build.ts'
import { awaitBuild, buildEvents, viewBuild } from '../../app/builds/view-build.ts'
import type { BuildView } from '../../app/builds/view-build.ts'
import type { Ports } from '../../app/ports/ports.ts'
import type { Build as StoredBuild } from '../../domain/build.ts'
import type { Result } from '../../domain/refusals.ts'
import { ok } from '../../domain/refusals.ts'
import { presentBuild, presentBuildOutput } from '../present/build.ts'
import { given } from '../present/given.ts'
import { milliseconds } from '../present/instant.ts'
import { presentEvents } from '../present/lease.ts'
import type { Handlers } from '../router.ts'

type Needs = Pick<Ports, 'table' | 'executions' | 'clock' | 'chance' | 'secrets' | 'journal'>

/** Everything of builds but the long polls. */
export const buildHandlers = (
  ports: Needs,
): Handlers<'createBuild' | 'listBuilds' | 'buildEvents' | 'restartBuild' | 'abortBuild'> => ({
  createBuild: async ({ caller, body, key }) => {
    const { blueprint, type, pools, repository, commit, priority, environment, retries, webhook, note } = body
    const ttl = scaled(body.ttlSeconds)
    const wait = scaled(body.waitSeconds)
    const maxHold = scaled(body.maxHoldSeconds)
    const wish = given({ blueprint, type, pools, commit, ttl, wait, maxHold })
    const steps = body.steps.map(({ name, script, timeoutSeconds, ...rest }, index) => ({
      ...rest,
      name: name ?? String(index + 1),
      ...given({ script, timeoutSeconds }),
    }))
    const lease = { repository, priority, ...wish }
    const demand = { lease, environment, steps, retries, ...given({ webhook: webhook?.url, note }) }
    const reply = await buildReply(ports, await createBuild(ports, caller, demand, key))
    if (!reply.ok) return reply
    const headers = { ...reply.value.headers, location: `/v1/builds/${reply.value.body.id}` }
    return ok({ ...reply.value, headers })
  },

  listBuilds: async ({ caller, query }) => {
    const { status, outcome, repository, tenant, owner, cursor, limit } = query
    const filter = given({ status, outcome, repository, tenant, owner, cursor })
    const page = await listBuilds(ports, caller, { limit, ...filter })
    if (!page.ok) return page
    // Places in queues and webhooks are left out: each costs a read of its own.
    const builds = page.value.builds.map((build) =>
      presentBuild({ build, execution: ports.executions.buildExecution(build.id, build.generation) }),
    )
    return ok({ body: { builds, ...given({ cursor: page.value.cursor }) } })
  },

  buildEvents: async ({ caller, parameters }) => {
    const events = await buildEvents(ports, caller, parameters.id)
    return events.ok ? ok({ body: presentEvents(events.value) }) : events
  },

  restartBuild: async ({ caller, parameters, key }) =>
    buildReply(ports, await restartBuild(ports, caller, parameters.id, key)),

  abortBuild: async ({ caller, parameters }) =>
    buildReply(ports, await abortBuild(ports, caller, parameters.id)),
})

/** Long polls of a build: for its end, and for its output. */
export const buildPolls = (
  ports: Pick<Ports, 'table' | 'executions' | 'clock' | 'compression' | 'journal'>,
): Handlers<'getBuild' | 'buildOutput'> => ({
  getBuild: async ({ caller, parameters, query }) => {
    const view = await awaitBuild(ports, caller, parameters.id, milliseconds(query.wait))
    return view.ok ? ok(replyOf(view.value)) : view
  },

  buildOutput: async ({ caller, parameters, query: { after, step, wait } }) => {
    const question = { after, milliseconds: milliseconds(wait), ...given({ step }) }
    const page = await awaitBuildOutput(ports, caller, parameters.id, question)
    return page.ok ? ok({ body: presentBuildOutput(page.value) }) : page
  },
})

async function buildReply(ports: Needs, result: Result<StoredBuild>) {
  return result.ok ? ok(replyOf(await viewBuild(ports, result.value))) : result
}

const replyOf = (view: BuildView) => ({
  body: presentBuild(view),
  headers: { etag: `"${view.build.version}"` } as Readonly<Record<string, string>>,
})

const scaled = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : milliseconds(seconds)
