import { streamOutput } from '../../follow.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { HOLDER, holderOf } from '../holder-flags.ts'
import { whole } from '../parse.ts'
import { showPiece } from '../show-command.ts'
import { UsageError } from '../usage.ts'

export const logs = defineCommand({
  name: 'logs',
  about: 'Show what a command has written; it stays readable for 30 days.',
  operands: 'LEASE NUMBER',
  count: { least: 2, most: 2 },
  flags: {
    ...HOLDER,
    follow: { type: 'boolean', short: 'f', about: 'go on until the command has ended' },
    after: { type: 'string', value: 'OFFSET', about: 'begin at this byte of the whole output' },
  },
  examples: ['drydock logs 01KA3M7Q5R8T0V2X4Z6B8D0F2H 1', 'drydock logs -f 01KA3M7Q5R8T0V2X4Z6B8D0F2H 1'],
  run: async ({ values, operands: [id = '', asked = ''] }, { screen, client, environment, interruption }) => {
    if (!/^[1-9]\d{0,3}$/.test(asked)) throw new UsageError(`'${asked}' is no number of a command`)
    const output = streamOutput(client(), id, Number(asked), {
      ...holderOf(values, environment),
      signal: interruption,
      after: whole('after', values.after),
      once: !values.follow,
    })
    let step = await output.next()
    for (; !step.done; step = await output.next()) await showPiece(step.value, screen)
    if (step.value.cause !== undefined) screen.say('command_ended', step.value)
    return EXIT.ok
  },
})
