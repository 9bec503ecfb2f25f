import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

const BLUEPRINT = { operands: 'BLUEPRINT', count: { least: 1, most: 1 } } as const

export const blueprintDisable = defineCommand({
  name: 'blueprint disable',
  about: 'Give no slots to leases of a blueprint; those that wait keep their places, those that run go on.',
  ...BLUEPRINT,
  flags: { reason: { type: 'string', value: 'TEXT', about: 'shown to whoever asks' } },
  examples: ['drydock blueprint disable checkout --reason "the compiler is being replaced"'],
  run: async ({ values: { reason }, operands: [name = ''] }, { screen, client, interruption: signal }) => {
    const body = reason === undefined ? {} : { reason }
    screen.say('blueprint', await client().disableBlueprint({ name, body }, { signal }))
    return EXIT.ok
  },
})

export const blueprintEnable = defineCommand({
  name: 'blueprint enable',
  about: 'Give slots to leases of a blueprint again, in the order in which they wait.',
  ...BLUEPRINT,
  flags: {},
  examples: ['drydock blueprint enable checkout'],
  run: async ({ operands: [name = ''] }, { screen, client, interruption: signal }) => {
    screen.say('blueprint', await client().enableBlueprint({ name }, { signal }))
    return EXIT.ok
  },
})
