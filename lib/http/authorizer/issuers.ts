import { z } from 'zod'

const jwks = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })).min(1),
})

/** Issuers whose tokens are taken. `jwks` is their key set itself; else it is fetched from `jwksUri` and kept. */
const issuer = z
  .strictObject({
    issuer: z.string().min(1).max(200),
    audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    jwks: jwks.optional(),
    jwksUri: z.url({ protocol: /^https$/ }).optional(),
    tenantClaim: z.string().min(1).default('tenant'),
    scopesClaim: z.string().min(1).default('scope'),
  })
  .refine(
    ({ jwks, jwksUri }) => (jwks === undefined) !== (jwksUri === undefined),
    'jwks or jwksUri, not both',
  )

const issuers = z.array(issuer)
export type IssuerInput = z.input<typeof issuer>
export type Issuer = z.output<typeof issuer>

/**
 * Issuers from the text that the operators configured; none where there is no text.
 * @throws Error that names the fields at fault
 */
export function parseIssuers(text: string | undefined): readonly Issuer[] {
  if (text === undefined) return []
  const read = issuers.safeParse(parseJson(text))
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`the list of issuers is not valid: ${faults.join('; ')}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
