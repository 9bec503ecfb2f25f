import { z } from 'zod'
import { instant, wellFormed } from './scalars.ts'

export const scope = z
  .enum(['lease', 'untrusted', 'operator'])
  .describe('`untrusted`: leases only where a blueprint lets in code that nobody vouches for')

export const tokenRequest = z
  .strictObject({
    tenant: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/),
    scopes: z.array(scope).min(1).default(['lease']),
    expiresInSeconds: z.int().min(60).max(31_536_000).default(2_592_000),
    note: wellFormed.max(200).optional(),
  })
  .meta({ id: 'TokenRequest' })
export type TokenRequest = z.input<typeof tokenRequest>

export const apiToken = z
  .strictObject({
    id: z.string(),
    tenant: z.string(),
    scopes: z.array(scope),
    createdAt: instant,
    expiresAt: instant,
    note: z.string().optional(),
  })
  .meta({ id: 'ApiToken' })
export type ApiToken = z.infer<typeof apiToken>

export const createdToken = apiToken
  .extend({ token: z.string().describe('Shown once; stored hashed') })
  .meta({ id: 'CreatedToken' })
export type CreatedToken = z.infer<typeof createdToken>

export const tokens = z.strictObject({ tokens: z.array(apiToken) }).meta({ id: 'Tokens' })
