import { lookup } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import { request } from 'node:https'
import { z } from 'zod'
import type { Posted, Webhooks } from '../../app/ports/ports.ts'
import { isPublic } from './addresses.ts'
import { isSecret, sign } from './sign.ts'

export interface WebhooksOptions {
  /** The operators' secrets as JSON: tenant -> `whsec_...`, or several separated by spaces. */
  readonly secrets: () => Promise<string | undefined>
  readonly now: () => number
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
  readonly isAllowed?: (address: string) => boolean
  /** Certificates that are trusted besides the public ones. */
  readonly authority?: string
}

/** For name, connection and answer together, milliseconds. */
const PATIENCE = 10_000

const secretsOf = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(z.record(z.string(), z.string()))

/**
 * Posts over HTTPS to public addresses only. The name is resolved here and the connection made to just what was
 * judged, so that a name cannot change its mind in between; redirects are answers like any other, and not followed.
 */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { resolve = resolveAll, isAllowed = isPublic } = options
  return {
    post: async ({ id, tenant, url, body }) => {
      if (!URL.canParse(url)) return { kind: 'refused', detail: 'its address is none' }
      const { hostname, protocol } = new URL(url)
      if (protocol !== 'https:') return { kind: 'refused', detail: 'only https is spoken' }
      try {
        const secrets = await secretsFor(options, tenant)
        if (!secrets)
          return { kind: 'failed', detail: 'the secrets that operators registered cannot be read' }
        if (secrets.length === 0) return { kind: 'refused', detail: 'no secret is registered for the tenant' }
        const addresses = await resolve(hostname)
        const address = addresses[0]
        if (!address) return { kind: 'failed', detail: 'its name has no address' }
        if (!addresses.every((each) => isAllowed(each.address))) {
          return { kind: 'refused', detail: 'its name leads to an address that is not public' }
        }
        const headers = { ...sign(secrets, id, options.now(), body), 'content-type': 'application/json' }
        return judge(await send(url, { headers, body, address, authority: options.authority }))
      } catch (error) {
        return { kind: 'failed', detail: reasonOf(error) }
      }
    },
  }
}

const resolveAll = async (host: string): Promise<readonly LookupAddress[]> => lookup(host, { all: true })

/** Nothing where the parameter is not what it should be: operators may mend it before the last try. */
async function secretsFor(
  { secrets }: WebhooksOptions,
  tenant: string,
): Promise<readonly string[] | undefined> {
  const text = await secrets()
  if (text === undefined) return []
  const read = secretsOf.safeParse(text)
  if (!read.success) return undefined
  const own = Object.entries(read.data).find(([name]) => name === tenant)?.[1]
  return (own ?? '').split(' ').filter(isSecret)
}

/** 410: whoever listened there asks not to be told again. */
function judge(status: number): Posted {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  return { kind: status === 410 ? 'refused' : 'failed', detail: `it answered ${status}` }
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly address: LookupAddress
  readonly authority: string | undefined
}

/** The status; whatever else it says is not read. */
function send(url: string, { headers, body, address, authority }: Sending): Promise<number> {
  return new Promise((done, failed) => {
    const sending = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(PATIENCE),
      ...(authority === undefined ? {} : { ca: authority }),
      lookup: (_, wanted, callback) => {
        if (wanted.all) callback(null, [address])
        else callback(null, address.address, address.family)
      },
    })
    sending.on('response', (response) => {
      done(response.statusCode ?? 0)
      response.destroy()
    })
    sending.on('error', failed)
    sending.end(body)
  })
}

/** A code where there is one: messages name addresses, which are nobody's business. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : error.name
}
