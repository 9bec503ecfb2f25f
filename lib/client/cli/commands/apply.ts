import { config } from '../../../contract/config.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

export const apply = defineCommand({
  name: 'apply',
  about: 'Make blueprints, hosts, repositories and tenants be as a document says.',
  operands: 'FILE',
  count: { least: 1, most: 1 },
  flags: {
    'dry-run': { type: 'boolean', about: 'only show the plan' },
    remove: { type: 'boolean', about: 'also remove what the document does not name' },
  },
  examples: ['drydock apply drydock.yaml --dry-run', 'drydock apply drydock.yaml --remove'],
  run: async ({ values, operands: [file = ''] }, { screen, client, interruption: signal }) => {
    // Only this command pays for loading YAML.
    const { readDocument } = await import('../document.ts')
    const body = readDocument(file, config)
    const ask = { dryRun: values['dry-run'] ?? false, remove: values.remove ?? false, body }
    screen.say('plan', await client().applyConfig(ask, { signal }))
    return EXIT.ok
  },
})
