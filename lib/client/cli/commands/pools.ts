import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

export const pools = defineCommand({
  name: 'pools',
  about: 'Demand and supply of every pool; of one, with its hosts and who holds what.',
  operands: '[POOL]',
  count: { least: 0, most: 1 },
  flags: {},
  examples: ['drydock pools', 'drydock pools linux', 'drydock pools --json'],
  run: async ({ operands: [name] }, { screen, client, interruption: signal }) => {
    if (name === undefined) screen.say('pools', await client().listPools({}, { signal }))
    else screen.say('pool', await client().getPool({ name }, { signal }))
    return EXIT.ok
  },
})
