import { awaitCommand, awaitOutput, cancelCommand } from '../../app/commands/read-command.ts'
import { runCommand } from '../../app/commands/run-command.ts'
import type { Ports } from '../../app/ports/ports.ts'
import { ok } from '../../domain/refusals.ts'
import { commandDemand, presentCommand, presentOutput } from '../present/command.ts'
import { milliseconds } from '../present/instant.ts'
import type { Handlers } from '../router.ts'

export const commandHandlers = (
  ports: Pick<Ports, 'table' | 'executions' | 'clock' | 'chance' | 'journal' | 'vault' | 'compression'>,
): Handlers<'runCommand' | 'cancelCommand'> => ({
  runCommand: async ({ caller, parameters, body, key }) => {
    const command = await runCommand(ports, caller, parameters.id, commandDemand(body), key)
    if (!command.ok) return command
    const location = `/v1/leases/${parameters.id}/commands/${command.value.number}`
    return ok({ body: presentCommand(command.value), headers: { location } })
  },

  cancelCommand: async ({ caller, parameters }) => {
    const command = await cancelCommand(ports, caller, parameters.id, parameters.number)
    return command.ok ? ok({ body: presentCommand(command.value) }) : command
  },
})

/** Long polls of a command: for its end, and for its output. */
export const commandPolls = (
  ports: Pick<Ports, 'table' | 'clock' | 'compression'>,
): Handlers<'getCommand' | 'commandOutput'> => ({
  getCommand: async ({ caller, parameters: { id, number }, query }) => {
    const command = await awaitCommand(ports, caller, id, number, milliseconds(query.wait))
    return command.ok ? ok({ body: presentCommand(command.value) }) : command
  },

  commandOutput: async ({ caller, parameters: { id, number }, query: { after, wait } }) => {
    const page = await awaitOutput(ports, caller, id, number, after, milliseconds(wait))
    return page.ok ? ok({ body: presentOutput(page.value) }) : page
  },
})
