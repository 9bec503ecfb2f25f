import type { Context } from './command.ts'

export const HOLDER = {
  'lease-token': { type: 'string', value: 'TOKEN', about: "the lease's own token (or DRYDOCK_LEASE_TOKEN)" },
} as const

export const holderOf = (values: { 'lease-token'?: string }, environment: Context['environment']) => ({
  token: values['lease-token'] ?? (environment['DRYDOCK_LEASE_TOKEN'] || undefined),
})
