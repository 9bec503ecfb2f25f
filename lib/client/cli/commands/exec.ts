import { runningCommand } from '../../held-lease.ts'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import { COMMAND_FLAGS, commandRequestOf } from '../command-flags.ts'
import { HOLDER, holderOf } from '../holder-flags.ts'
import { showCommand } from '../show-command.ts'

export const exec = defineCommand({
  name: 'exec',
  about: `Run a command in a lease that is active.

Passes the command's output and exit code through; Ctrl-C kills the command. The lease stays, and is not renewed.`,
  operands: 'LEASE -- COMMAND...',
  count: { least: 2, most: 1_001 },
  leading: 1,
  trailing: true,
  flags: { ...HOLDER, ...COMMAND_FLAGS },
  examples: [
    'drydock exec 01KA3M7Q5R8T0V2X4Z6B8D0F2H -- npm test',
    'drydock exec 01KA3M7Q5R8T0V2X4Z6B8D0F2H --stdin -- sh -s < script.sh',
  ],
  run: async ({ values, operands: [id = '', ...argv] }, context) => {
    const body = await commandRequestOf(values, argv, context)
    const { token } = holderOf(values, context.environment)
    const { number } = await context
      .client()
      .runCommand({ id, body }, { token, lastAttempt: context.interruption })
    return cancelledByCtrlC(context, id, number, token)
  },
})

async function cancelledByCtrlC(
  { client, screen, interruption }: Context,
  id: string,
  number: number,
  token: string | undefined,
): Promise<number> {
  const api = client()
  try {
    interruption.throwIfAborted()
    return await showCommand(runningCommand(api, id, number, token, interruption), screen)
  } catch (error) {
    if (interruption.aborted) await runningCommand(api, id, number, token, undefined).cancel()
    throw error
  }
}
