import { readFileSync } from 'node:fs'
import type { Landing, LandingRequest } from '../../../contract/landing.ts'
import { landingRequest, landingStatus, strategy } from '../../../contract/landing.ts'
import { defineCommand } from '../command.ts'
import type { Values } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { messageOf } from '../failure.ts'
import { oneOf, whole } from '../parse.ts'
import { UsageError } from '../usage.ts'
import { watchLanding } from '../watch-landing.ts'

const LANDING = { operands: 'LANDING', count: { least: 1, most: 1 } } as const

const flags = {
  repository: { type: 'string', value: 'NAME', about: 'a registered repository' },
  branch: { type: 'string', value: 'BRANCH', about: 'to land on' },
  strategy: { type: 'string', value: 'HOW', about: `${strategy.options.join(', ')}; default squash` },
  message: { type: 'string', value: 'TEXT', about: "of the commit; default: the source's own" },
  'message-file': { type: 'string', value: 'FILE', about: 'the message, from a file' },
  'expected-head': {
    type: 'string',
    value: 'COMMIT',
    about: 'the branch must be there, or nothing is landed',
  },
  verify: {
    type: 'string',
    multiple: true,
    value: 'SCRIPT',
    about: 'run by sh -e in a working copy of the commit before it is pushed',
  },
  blueprint: { type: 'string', value: 'NAME', about: 'of working copies; default: one that allows you' },
  wait: { type: 'string', value: 'SECONDS', about: 'longest wait for its turn' },
  'dry-run': { type: 'boolean', about: 'everything but the push' },
  note: { type: 'string', value: 'TEXT', about: 'shown to operators, e.g. the link of the review' },
  detach: { type: 'boolean', about: 'only ask for it and print it' },
} as const

export const land = defineCommand({
  name: 'land',
  about: `Land a change onto a branch on the server, in its turn.

Shows its place and what it does, then the receipt. Ctrl-C calls it back if it has not been pushed yet.`,
  operands: 'SOURCE',
  count: { least: 1, most: 1 },
  mixed: true,
  flags,
  examples: [
    'drydock land feature --repository example --branch main',
    "drydock land feature --repository example --branch main --strategy rebase --verify 'npm test'",
  ],
  run: async ({ values, operands: [source = ''] }, { screen, client, interruption }) => {
    const api = client()
    const body = requestOf(values, source)
    const asked = await api.createLanding({ body }, { lastAttempt: interruption })
    if (values.detach) {
      screen.say('landing', asked)
      return EXIT.ok
    }
    screen.say('landing_created', { landingId: asked.id, repository: asked.repository, branch: asked.branch })
    try {
      const ended = await watchLanding(api, asked, screen, interruption)
      screen.say('landing', ended)
      return landed(ended) ? EXIT.ok : EXIT.unsuccessful
    } catch (error) {
      await api.cancelLanding({ id: asked.id }).then(
        ({ id, status }) => screen.say('landing_cancelled', { landingId: id, status }),
        (failed: unknown) => screen.say('cancel_failed', { landingId: asked.id, detail: messageOf(failed) }),
      )
      throw error
    }
  },
})

export const landingGet = defineCommand({
  name: 'landing get',
  about: 'Show a landing: its place, its receipt, or what did not fit.',
  ...LANDING,
  flags: {},
  examples: ['drydock landing get 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    screen.say('landing', await client().getLanding({ id }, { signal }))
    return EXIT.ok
  },
})

export const landingList = defineCommand({
  name: 'landing list',
  about: 'Your landings, newest first; operators see every tenant.',
  flags: {
    status: { type: 'string', value: 'STATUS', about: landingStatus.options.join(', ') },
    repository: { type: 'string', value: 'NAME', about: 'only of this repository' },
    branch: { type: 'string', value: 'BRANCH', about: 'only onto this branch' },
    tenant: { type: 'string', value: 'TENANT', about: 'only of this tenant' },
    limit: { type: 'string', value: 'N', about: 'at most so many; default 50' },
    cursor: { type: 'string', value: 'CURSOR', about: 'go on where the last list ended' },
  },
  examples: ['drydock landing list --repository example --branch main'],
  run: async ({ values }, { screen, client, interruption: signal }) => {
    const { repository, branch, tenant, cursor } = values
    const status = oneOf('status', landingStatus.options, values.status)
    const limit = whole('limit', values.limit)
    const page = await client().listLandings(
      { status, repository, branch, tenant, limit, cursor },
      { signal },
    )
    screen.say('landings', page)
    if (page.cursor !== undefined && screen.mode === 'text') screen.say('more', { cursor: page.cursor })
    return EXIT.ok
  },
})

export const landingCancel = defineCommand({
  name: 'landing cancel',
  about: 'Call a landing back before its push begins. Cancelling twice is no fault.',
  ...LANDING,
  flags: {},
  examples: ['drydock landing cancel 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    screen.say('landing', await client().cancelLanding({ id }, { signal }))
    return EXIT.ok
  },
})

const landed = ({ result }: Landing): boolean =>
  result === 'landed' || result === 'already_landed' || result === 'dry_run'

function requestOf(values: Values<typeof flags>, source: string): LandingRequest {
  const file = values['message-file']
  if (file !== undefined && values.message !== undefined) {
    throw new UsageError('--message and --message-file do not go together')
  }
  const given = {
    repository: values.repository,
    branch: values.branch,
    source,
    strategy: oneOf('strategy', strategy.options, values.strategy),
    message: file === undefined ? values.message : textIn(file),
    expectedHead: values['expected-head'],
    verify: values.verify?.map((script, at) => ({ name: `verify ${at + 1}`, script })),
    blueprint: values.blueprint,
    waitSeconds: whole('wait', values.wait),
    dryRun: values['dry-run'],
    note: values.note,
  }
  for (const flag of ['repository', 'branch'] as const) {
    if (given[flag] === undefined) throw new UsageError(`--${flag} is expected`)
  }
  const read = landingRequest.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new UsageError(`the landing: ${issue?.path.join('.')}: ${issue?.message}`)
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--message-file: ${messageOf(error)}`)
  }
}
