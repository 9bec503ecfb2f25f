import { EventEmitter, once } from 'node:events'
import { ulid } from 'ulid'
import type { CreatedLease, Lease } from '../../../lib/contract/lease.ts'
import { startProgram } from './program.ts'
import type { Program } from './program.ts'
import { Refusal, startApi } from './server.ts'
import type { Api, Handlers } from './server.ts'

/** Leases whose fate the test decides; their commands are real processes of this machine. */
export interface Leases extends Api {
  readonly all: () => readonly Lease[]
  /** Resolves when a lease fits, at once if one does already. */
  readonly until: (fits: (lease: Lease) => boolean) => Promise<Lease>
  readonly change: (id: string, fields: Partial<Lease>) => void
  readonly activate: (id: string) => void
  /** The lease ends without its holder's doing; its commands are killed. */
  readonly end: (id: string, reason: NonNullable<Lease['reason']>) => Promise<void>
  readonly programs: () => readonly Program[]
}

export interface World {
  /** Leases become active at once. */
  readonly generous?: boolean
  readonly ttlSeconds?: number
  readonly handlers?: Handlers
}

export async function startLeases({
  generous = true,
  ttlSeconds = 60,
  handlers = {},
}: World = {}): Promise<Leases> {
  const leases = new Map<string, CreatedLease>()
  const keys = new Map<string, string>()
  const programs = new Map<string, Program[]>()
  const changes = new EventEmitter().setMaxListeners(0)
  const soon = () => new Date(Date.now() + ttlSeconds * 1_000).toISOString()

  const leaseOf = (id: string): CreatedLease => {
    const lease = leases.get(id)
    if (!lease) throw new Refusal(404, 'not_found')
    return lease
  }
  const held = (id: string, token: string): CreatedLease => {
    const lease = leaseOf(id)
    if (lease.token !== token) throw new Refusal(403, 'not_authorized')
    return lease
  }
  const change = (id: string, fields: Partial<Lease>) => {
    const lease = leaseOf(id)
    leases.set(id, { ...lease, ...fields, version: lease.version + 1 })
    changes.emit('change')
  }
  const activate = (id: string) => {
    const { waiting: _, ...lease } = leaseOf(id)
    leases.set(id, lease)
    const now = new Date().toISOString()
    change(id, { status: 'active', slot: { host: 'h1', number: 0 }, activatedAt: now, expiresAt: soon() })
  }
  const end = async (id: string, reason: NonNullable<Lease['reason']>, cause = 'lease_lost') => {
    await Promise.all((programs.get(id) ?? []).map((each) => each.kill(cause)))
    change(id, { status: 'destroyed', reason, endedAt: new Date().toISOString() })
  }
  const program = (id: string, number: number): Program => {
    const found = programs.get(id)?.[number - 1]
    if (!found) throw new Refusal(404, 'not_found')
    return found
  }

  const api = await startApi({
    createLease: ({ body, key = '' }) => {
      const id = keys.get(key) ?? ulid()
      keys.set(key, id)
      if (!leases.has(id)) leases.set(id, pending(id, body, ttlSeconds))
      if (generous && leaseOf(id).status === 'pending') activate(id)
      changes.emit('change')
      return leaseOf(id)
    },
    getLease: async ({ parameters: { id }, query }) => {
      const { version, status } = leaseOf(id)
      if (status === 'pending' || status === 'acquired') {
        await changed(changes, () => leaseOf(id).version !== version, query.wait)
      }
      return bare(leaseOf(id))
    },
    listLeases: () => ({ leases: [...leases.values()].map(bare) }),
    renewLease: ({ parameters: { id }, token }) => {
      if (held(id, token).status !== 'active') throw new Refusal(409, 'lease_lost')
      leases.set(id, { ...leaseOf(id), expiresAt: soon() })
      return bare(leaseOf(id))
    },
    releaseLease: async ({ parameters: { id }, token }) => {
      if (held(id, token).status !== 'destroyed') await end(id, 'released', 'cancelled')
      return bare(leaseOf(id))
    },
    runCommand: ({ parameters: { id }, body, token }) => {
      if (held(id, token).status !== 'active') throw new Refusal(409, 'lease_lost')
      const started = startProgram(id, (programs.get(id)?.length ?? 0) + 1, body)
      programs.set(id, [...(programs.get(id) ?? []), started])
      return started.describe()
    },
    commandOutput: async ({ parameters: { id, number }, query }) =>
      program(id, number).output(query.after, query.wait),
    cancelCommand: async ({ parameters: { id, number } }) => {
      await program(id, number).kill('cancelled')
      return program(id, number).describe()
    },
    ...handlers,
  })
  return {
    ...api,
    all: () => [...leases.values()],
    until: async (fits) => {
      for (;;) {
        const found = [...leases.values()].find(fits)
        if (found) return found
        await once(changes, 'change')
      }
    },
    change,
    activate,
    end,
    programs: () => [...programs.values()].flat(),
    close: async () => {
      await Promise.all([...programs.values()].flat().map((each) => each.kill('lost')))
      changes.emit('change')
      await api.close()
    },
  }
}

/** Waits for the condition at most so many seconds; the timer goes when it is met. */
async function changed(changes: EventEmitter, met: () => boolean, seconds: number): Promise<void> {
  const timeout = AbortSignal.timeout(seconds * 1_000)
  while (!met() && !timeout.aborted) {
    await once(changes, 'change', { signal: timeout }).catch(() => undefined)
  }
}

function bare(created: CreatedLease): Lease {
  const { token: _, ...lease } = created
  return lease
}

function pending(
  id: string,
  asked: {
    blueprint?: string | undefined
    repository?: string | undefined
    commit?: string | undefined
    priority: number
    ttlSeconds?: number | undefined
  },
  ttlSeconds: number,
): CreatedLease {
  return {
    id,
    token: `token-of-${id}`,
    status: 'pending',
    version: 1,
    type: asked.repository === undefined ? 'host' : 'working-copy',
    tenant: 'test',
    owner: 'test',
    blueprint: asked.blueprint ?? 'linux',
    pools: ['linux'],
    priority: asked.priority,
    trust: 'trusted',
    ...(asked.repository === undefined ? {} : { repository: asked.repository }),
    ...(asked.commit === undefined ? {} : { commit: asked.commit }),
    createdAt: new Date().toISOString(),
    waitDeadline: new Date(Date.now() + 3_600_000).toISOString(),
    ttlSeconds: asked.ttlSeconds ?? ttlSeconds,
    maxHoldSeconds: 14_400,
    tries: 0,
    failures: [],
    waiting: { position: 1, pool: 'linux', because: 'every slot is held' },
    execution: { arn: `arn:aws:states:eu-west-1:000000000000:execution:drydock-lease:${id}` },
  }
}
