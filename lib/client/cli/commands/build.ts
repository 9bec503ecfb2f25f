import type { Build } from '../../../contract/build.ts'
import { buildOutcome, buildStatus } from '../../../contract/build.ts'
import { BUILD_FLAGS, buildRequestOf } from '../build-flags.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { messageOf } from '../failure.ts'
import { oneOf, whole } from '../parse.ts'
import { watchBuild } from '../watch-build.ts'

const BUILD = { operands: 'BUILD', count: { least: 1, most: 1 } } as const

export const build = defineCommand({
  name: 'build',
  about: `Run a build: steps in a clean working copy, given back whatever happens.

Shows where it waits, then what its steps say. Ctrl-C aborts it; with --detach it goes on without you.`,
  operands: '[FILE]',
  count: { least: 0, most: 1 },
  mixed: true,
  flags: BUILD_FLAGS,
  examples: [
    'drydock build build.yaml --commit main',
    "drydock build --repository example --step 'npm ci' --step 'npm test'",
    'drydock build build.yaml --detach --json',
  ],
  run: async ({ values, operands: [file] }, context) => {
    const { screen, client, interruption } = context
    const api = client()
    const body = await buildRequestOf(values, file, context)
    const asked = await api.createBuild({ body }, { lastAttempt: interruption })
    if (values.detach) {
      screen.say('build', asked)
      return EXIT.ok
    }
    screen.say('build_created', { buildId: asked.id, repository: asked.repository })
    try {
      return finish(await watchBuild(api, asked, screen, interruption), screen)
    } catch (error) {
      // Whoever watched it stops it; one whose end is not seen is aborted too, as nobody is told of it any more.
      await api.abortBuild({ id: asked.id }).then(
        (aborted) => screen.say('build_aborted', { buildId: aborted.id }),
        (failed: unknown) => screen.say('abort_failed', { buildId: asked.id, detail: messageOf(failed) }),
      )
      throw error
    }
  },
})

export const buildLogs = defineCommand({
  name: 'build logs',
  about: 'What the steps of a build say, from the beginning; to its end if it still runs.',
  ...BUILD,
  mixed: true,
  flags: {},
  examples: ['drydock build logs 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    const api = client()
    const found = await api.getBuild({ id }, { signal })
    return finish(await watchBuild(api, found, screen, signal), screen)
  },
})

export const buildGet = defineCommand({
  name: 'build get',
  about: 'Show a build: its steps, where it waits or how it ended.',
  ...BUILD,
  flags: {},
  examples: ['drydock build get 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    screen.say('build', await client().getBuild({ id }, { signal }))
    return EXIT.ok
  },
})

export const buildList = defineCommand({
  name: 'build list',
  about: 'Your builds, newest first; operators see every tenant.',
  flags: {
    status: { type: 'string', value: 'STATUS', about: buildStatus.options.join(', ') },
    outcome: { type: 'string', value: 'OUTCOME', about: buildOutcome.options.join(', ') },
    repository: { type: 'string', value: 'NAME', about: 'only of this repository' },
    tenant: { type: 'string', value: 'TENANT', about: 'only of this tenant' },
    owner: { type: 'string', value: 'OWNER', about: 'only of this owner' },
    limit: { type: 'string', value: 'N', about: 'at most so many; default 50' },
    cursor: { type: 'string', value: 'CURSOR', about: 'go on where the last list ended' },
  },
  examples: ['drydock build list --outcome failed', 'drydock build list --repository example --json'],
  run: async ({ values }, { screen, client, interruption: signal }) => {
    const { repository, tenant, owner, cursor } = values
    const status = oneOf('status', buildStatus.options, values.status)
    const outcome = oneOf('outcome', buildOutcome.options, values.outcome)
    const limit = whole('limit', values.limit)
    const page = await client().listBuilds(
      { status, outcome, repository, tenant, owner, limit, cursor },
      { signal },
    )
    screen.say('builds', page)
    if (page.cursor !== undefined && screen.mode === 'text') screen.say('more', { cursor: page.cursor })
    return EXIT.ok
  },
})

export const buildAbort = defineCommand({
  name: 'build abort',
  about: 'End a build now and kill what runs. Aborting twice is no fault.',
  ...BUILD,
  flags: {},
  examples: ['drydock build abort 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    screen.say('build', await client().abortBuild({ id }, { signal }))
    return EXIT.ok
  },
})

export const buildRestart = defineCommand({
  name: 'build restart',
  about: 'Begin a build anew, with a lease of its own, once nothing of the one before is left.',
  ...BUILD,
  flags: {},
  examples: ['drydock build restart 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    screen.say('build', await client().restartBuild({ id }, { signal }))
    return EXIT.ok
  },
})

function finish(ended: Build, screen: Parameters<typeof watchBuild>[2]): number {
  const { id: buildId, outcome, reason, detail } = ended
  screen.say('build_ended', { buildId, outcome: outcome ?? 'unknown', reason, detail })
  if (outcome === 'succeeded') return EXIT.ok
  return outcome === 'infrastructure' ? EXIT.leaseLost : EXIT.unsuccessful
}
