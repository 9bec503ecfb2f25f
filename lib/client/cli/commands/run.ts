import { commandRequest } from '../../../contract/command.ts'
import type { CommandRequest } from '../../../contract/command.ts'
import type { Lease } from '../../../contract/lease.ts'
import { hold } from '../../hold.ts'
import type { CommandEnd } from '../../follow.ts'
import type { HeldLease } from '../../held-lease.ts'
import { defineCommand } from '../command.ts'
import type { Context, Values } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { messageOf } from '../failure.ts'
import { LEASE_FLAGS, leaseRequestOf } from '../lease-flags.ts'
import { whole } from '../parse.ts'
import type { Screen } from '../screen.ts'
import { UsageError } from '../usage.ts'

const flags = {
  ...LEASE_FLAGS,
  env: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    about: 'for the command; NAME alone takes yours',
  },
  directory: { type: 'string', value: 'PATH', about: 'where it runs, relative to the working copy' },
  timeout: { type: 'string', value: 'SECONDS', about: 'for the command; default 3600' },
} as const

export const run = defineCommand({
  name: 'run',
  about: `Take a lease, run a command in it, give it back.

Waits its turn, renews the lease by itself, passes the command's output and exit code through, and releases the
lease at the end and on Ctrl-C. Losing the lease ends the command. There is no shell unless COMMAND is one.`,
  operands: 'COMMAND...',
  count: { least: 1, most: 1_000 },
  trailing: true,
  flags,
  examples: [
    'drydock run --repository example --commit main -- npm test',
    "drydock run --repository example -- sh -c 'git log -1 --oneline && ls'",
    'drydock run --blueprint linux --wait 600 --env CI_JOB -- ./build.sh --all',
  ],
  run: async ({ values, operands }, context) => {
    const { screen } = context
    const request = leaseRequestOf(values, context.settings())
    const command = commandOf(values, operands, context)
    screen.group(`Lease of ${request.repository ?? request.blueprint ?? request.type}`)
    try {
      return await hold(context.client(), request, (lease) => follow(lease, command, screen), {
        signal: context.interruption,
        ...narrator(screen),
      })
    } finally {
      screen.endGroup()
    }
  },
})

async function follow(
  lease: HeldLease,
  { argv, ...options }: CommandRequest,
  screen: Screen,
): Promise<number> {
  const command = await lease.run(argv, options)
  for await (const { stream, bytes } of command) await screen.pass(stream, bytes)
  const end = await command.ended()
  if (screen.mode !== 'text' || end.cause !== 'exited') screen.say('command_ended', end)
  const code = exitCodeOf(end)
  if (code !== 0) lease.report('failed')
  return code
}

function exitCodeOf({ exitCode, cause }: CommandEnd): number {
  if (cause === 'lease_lost') return EXIT.leaseLost
  return exitCode ?? EXIT.failed
}

/** What a person who waits wants to know; on GitHub the fold closes when the command's own output begins. */
function narrator(screen: Screen) {
  let leaseId = ''
  return {
    onCreated: ({ id, blueprint }: Lease) => {
      leaseId = id
      screen.say('lease_created', { leaseId, blueprint })
    },
    onWaiting: ({ id, waiting, slot }: Lease) => {
      if (slot) screen.say('lease_preparing', { leaseId: id, host: slot.host, slot: slot.number })
      else if (waiting) screen.say('lease_waiting', { leaseId: id, ...waiting })
    },
    onActive: ({ id, slot, receipt }: Lease) => {
      screen.say('lease_active', { leaseId: id, host: slot?.host ?? 'a host', commit: receipt?.commit })
      screen.endGroup()
    },
    onRenewed: ({ id, expiresAt }: Lease) => {
      if (screen.mode !== 'text') screen.say('lease_renewed', { leaseId: id, expiresAt })
    },
    onRenewalFailed: (error: unknown) => screen.say('renewal_failed', { leaseId, detail: messageOf(error) }),
    onReleased: ({ id }: Lease) => screen.say('lease_released', { leaseId: id }),
    onReleaseFailed: (error: unknown) => screen.say('release_failed', { leaseId, detail: messageOf(error) }),
  }
}

function commandOf(values: Values<typeof flags>, argv: readonly string[], context: Context): CommandRequest {
  const environment = Object.fromEntries(
    (values.env ?? []).map((given) => variable(given, context.environment)),
  )
  const timeoutSeconds = whole('timeout', values.timeout)
  const read = commandRequest.safeParse({
    argv,
    environment,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(values.directory === undefined ? {} : { directory: values.directory }),
  })
  if (read.success) return read.data
  const [issue] = read.error.issues
  const flag = { environment: '--env', timeoutSeconds: '--timeout', directory: '--directory' }
  const field = String(issue?.path[0])
  throw new UsageError(
    `${field in flag ? flag[field as keyof typeof flag] : 'the command'}: ${issue?.message}`,
  )
}

function variable(
  given: string,
  own: Readonly<Record<string, string | undefined>>,
): readonly [string, string] {
  const equals = given.indexOf('=')
  if (equals >= 0) return [given.slice(0, equals), given.slice(equals + 1)]
  const value = own[given]
  if (value === undefined) throw new UsageError(`--env ${given}: there is no such variable here`)
  return [given, value]
}
