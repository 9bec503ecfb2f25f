import { scope } from '../../../contract/token.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { whole } from '../parse.ts'
import { UsageError } from '../usage.ts'

export const tokenCreate = defineCommand({
  name: 'token create',
  about: 'Issue an API token. It is shown once: only the token goes to stdout.',
  flags: {
    tenant: { type: 'string', value: 'TENANT', about: 'whom it stands for (required)' },
    scope: {
      type: 'string',
      multiple: true,
      value: 'SCOPE',
      about: 'lease (default), untrusted or operator',
    },
    expires: { type: 'string', value: 'SECONDS', about: 'default 30 days' },
    note: { type: 'string', value: 'TEXT', about: 'what it is for' },
  },
  examples: [
    'drydock token create --tenant web --note "CI of the web team"',
    'drydock token create --tenant ops --scope operator --expires 3600',
  ],
  run: async ({ values }, { screen, client, interruption: signal }) => {
    if (values.tenant === undefined) throw new UsageError('--tenant is missing')
    const expiresInSeconds = whole('expires', values.expires)
    const body = {
      tenant: values.tenant,
      ...(values.scope === undefined ? {} : { scopes: values.scope.map(scopeOf) }),
      ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
      ...(values.note === undefined ? {} : { note: values.note }),
    }
    const created = await client().createToken({ body }, { signal })
    screen.say('token_created', created)
    screen.say('token_once', { id: created.id, expiresAt: created.expiresAt })
    return EXIT.ok
  },
})

export const tokenList = defineCommand({
  name: 'token list',
  about: 'API tokens, without their secrets.',
  flags: {},
  examples: ['drydock token list', 'drydock token list --json'],
  run: async (_, { screen, client, interruption: signal }) => {
    screen.say('tokens', await client().listTokens({}, { signal }))
    return EXIT.ok
  },
})

export const tokenRevoke = defineCommand({
  name: 'token revoke',
  about: 'Revoke an API token.',
  operands: 'TOKEN-ID',
  count: { least: 1, most: 1 },
  flags: {},
  examples: ['drydock token revoke 01KA3M7Q5R8T0V2X4Z6B8D0F2H'],
  run: async ({ operands: [id = ''] }, { screen, client, interruption: signal }) => {
    const revoked = await client().revokeToken({ id }, { signal })
    screen.say('token_revoked', { id: revoked.id })
    return EXIT.ok
  },
})

function scopeOf(value: string) {
  const read = scope.safeParse(value)
  if (!read.success) throw new UsageError(`--scope is one of ${scope.options.join(', ')}, not '${value}'`)
  return read.data
}
