import type { Ports } from '../../../lib/app/ports/ports.ts'
import { readLease } from '../../../lib/app/store/read.ts'
import type { Caller } from '../../../lib/domain/access.ts'
import type { Result } from '../../../lib/domain/refusals.ts'
import { commandHandlers, commandPolls } from '../../../lib/http/handlers/commands.ts'
import { getLease, leaseHandlers } from '../../../lib/http/handlers/leases.ts'
import type { Called, Installation } from './installation.ts'
import { POOL } from './installation.ts'

const LONG_POLL = 20
/** Tries of one request that failed by itself or was refused for the moment. */
const TRIES = 20

/** What a CI job asks over HTTP, in virtual time: the authorizer and the route's own handler, in functions of their own. */
export function createVirtualClient({ call, simulation }: Pick<Installation, 'call' | 'simulation'>) {
  const { kernel, outside } = simulation
  let keys = 0
  let requests = 0
  let again = 0

  async function send<T>(
    name: Called,
    lease: string | undefined,
    work: (ports: Ports) => Promise<Result<T>>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      requests += 1
      try {
        // A lease token is compared with its hash in the table; a CI token is checked without it.
        await call('authorize', async (ports) => (lease === undefined ? undefined : readLease(ports, lease)))
        const answer = await call(name, work)
        if (answer.ok) return answer.value
        if (answer.refusal.refused !== 'unavailable') throw new Refused(answer.refusal.detail)
      } catch (error) {
        if (error instanceof Refused || tries >= TRIES) throw error
      }
      again += 1
      await kernel.sleep(outside.random.between(500, 2_000))
    }
  }

  const key = () => ({ hash: String((keys += 1)).padStart(64, '0'), requestHash: 'a'.repeat(64) })
  const holderOf = (lease: string, tenant: string): Caller => ({
    principal: `lease/${lease}`,
    tenant,
    scopes: [],
    lease,
  })

  return {
    /** Requests that were sent, and of them those that were sent again. */
    requests: () => ({ sent: requests, again }),
    async create(tenant: string, wish: Wish = {}): Promise<string> {
      const request = {
        caller: { principal: `ci/${tenant}`, tenant, scopes: ['lease'] },
        key: key(),
        parameters: {},
        query: { wait: 0 },
        body: { blueprint: POOL, priority: 0, ...wish },
      } as const
      const { body } = await send('api', undefined, (ports) => leaseHandlers(ports).createLease(request))
      return body.id
    },
    /** By long polls, as lib/client/wait.ts does. */
    async waitForActive(id: string, tenant: string): Promise<void> {
      const request = { caller: holderOf(id, tenant), parameters: { id }, query: { wait: LONG_POLL } }
      for (;;) {
        const { body, headers } = await send('poll', id, (ports) =>
          getLease(ports)({ ...request, body: undefined, key: undefined }),
        )
        if (body.status === 'active') return
        await kernel.sleep(Number(headers?.['retry-after'] ?? 0) * 1_000)
      }
    },
    async renew(id: string, tenant: string): Promise<void> {
      const request = {
        caller: holderOf(id, tenant),
        parameters: { id },
        query: {},
        key: undefined,
        body: {},
      }
      await send('api', id, (ports) => leaseHandlers(ports).renewLease(request))
    },
    async release(id: string, tenant: string): Promise<void> {
      const request = { caller: holderOf(id, tenant), parameters: { id }, query: {}, key: undefined }
      const body = { outcome: 'ok' } as const
      await send('api', id, (ports) => leaseHandlers(ports).releaseLease({ ...request, body }))
    },
    async run(id: string, tenant: string, milliseconds: number): Promise<number> {
      const body = {
        argv: ['sleep', String(milliseconds)],
        environment: {},
        secretEnv: {},
        timeoutSeconds: 3_600,
        directory: '.',
      }
      const request = { caller: holderOf(id, tenant), parameters: { id }, query: {}, key: key(), body }
      const answer = await send('api', id, (ports) => commandHandlers(ports).runCommand(request))
      return answer.body.number
    },
    /** Its output to the end, by long polls, as lib/client/follow.ts does. */
    async follow(id: string, tenant: string, number: number): Promise<void> {
      for (let after = 0; ;) {
        const query = { after, wait: LONG_POLL }
        const request = { caller: holderOf(id, tenant), parameters: { id, number }, query }
        const { body } = await send('poll', id, (ports) =>
          commandPolls(ports).commandOutput({ ...request, body: undefined, key: undefined }),
        )
        if (body.ended) return
        after = Math.max(after, body.next)
      }
    },
  }
}

export interface Wish {
  readonly ttlSeconds?: number
  readonly waitSeconds?: number
}

export type VirtualClient = ReturnType<typeof createVirtualClient>

class Refused extends Error {}
