import type { CommandRequest } from '../../../contract/command.ts'
import type { Lease } from '../../../contract/lease.ts'
import { hold } from '../../hold.ts'
import type { HeldLease } from '../../held-lease.ts'
import { defineCommand } from '../command.ts'
import { COMMAND_FLAGS, commandRequestOf } from '../command-flags.ts'
import { elapsed } from '../elapsed.ts'
import { messageOf } from '../failure.ts'
import { LEASE_FLAGS, leaseRequestOf } from '../lease-flags.ts'
import type { Screen } from '../screen.ts'
import { showCommand } from '../show-command.ts'

const flags = { ...LEASE_FLAGS, ...COMMAND_FLAGS } as const

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
    'drydock run --repository example --secret-env NPM_TOKEN --stdin -- sh -s < script.sh',
  ],
  run: async ({ values, operands }, context) => {
    const { screen } = context
    const request = leaseRequestOf(values, context.settings())
    const command = await commandRequestOf(values, operands, context)
    const api = context.client()
    screen.group(`Lease of ${request.repository ?? request.blueprint ?? request.type}`)
    try {
      return await hold(api, request, (lease) => follow(lease, command, screen), {
        signal: context.interruption,
        ...narrator(screen, api.clock.now),
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
  const code = await showCommand(await lease.run(argv, options), screen)
  if (code !== 0) lease.report('failed')
  return code
}

/** What a person who waits wants to know; on GitHub the fold closes when the command's own output begins. */
function narrator(screen: Screen, now: () => number) {
  const since = now()
  let leaseId = ''
  return {
    onCreated: ({ id, blueprint }: Lease) => {
      leaseId = id
      screen.say('lease_created', { leaseId, blueprint })
    },
    onWaiting: ({ id, waiting, slot }: Lease) => {
      if (slot) screen.say('lease_preparing', { leaseId: id, host: slot.host, slot: slot.number })
      else if (waiting)
        screen.say('lease_waiting', { leaseId: id, ...waiting, elapsed: elapsed(now() - since) })
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
