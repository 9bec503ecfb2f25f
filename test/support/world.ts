import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { FakeHosts, FakeHostsOptions } from '../../lib/adapters/memory/hosts.ts'
import { createFakeHosts } from '../../lib/adapters/memory/hosts.ts'
import type { Commit, MemoryTable } from '../../lib/adapters/memory/table.ts'
import { createMemoryTable } from '../../lib/adapters/memory/table.ts'
import { applyConfig } from '../../lib/app/config/apply-config.ts'
import type { Catalogue } from '../../lib/app/config/read-config.ts'
import type { CreatedLease } from '../../lib/app/leases/create-lease.ts'
import { createLease } from '../../lib/app/leases/create-lease.ts'
import type { LeaseDemand } from '../../lib/app/leases/judge-demand.ts'
import type { Ports, Posted, WebhookMessage } from '../../lib/app/ports/ports.ts'
import { readLease } from '../../lib/app/store/read.ts'
import type { Caller } from '../../lib/domain/access.ts'
import type { LandingRule } from '../../lib/domain/catalogue.ts'
import type { Lease } from '../../lib/domain/lease.ts'
import type { Result } from '../../lib/domain/refusals.ts'
import { createVault } from '../../lib/runtime/vault.ts'
import { createConductor } from './conductor.ts'
import { createReaper, mortal, mortalLandings } from './death.ts'
import type { Moment } from './death.ts'
import { NOON } from './lease-builder.ts'
import { seededFraction } from './seeded.ts'

export const CI: Caller = { principal: 'api-token/ci', tenant: 'acme', scopes: ['lease'] }
export const holder = (lease: string): Caller => ({
  principal: `lease/${lease}`,
  tenant: 'acme',
  scopes: [],
  lease,
})

/** Of the vault. */
const KEY = new Uint8Array(32).fill(5)

export interface World {
  readonly ports: Ports
  readonly table: MemoryTable
  readonly hosts: FakeHosts
  /** What was put on the bus, and what was posted to webhooks, in order. */
  readonly published: readonly object[]
  readonly posted: readonly WebhookMessage[]
  /** Runs every execution that has something to do until none has. */
  settle(): Promise<void>
  /** Lets time pass; timeouts and heartbeats that fall due on the way are acted on. */
  advance(milliseconds: number): Promise<void>
  /** Nobody works on executions any more until it is called with false: as with Step Functions down. */
  halt(halted: boolean): void
  /** The process that makes the n-th call from now on dies in it: before it takes effect, or after. */
  doom(call: number, moment: Moment): void
  /** Calls since the last doom. */
  calls(): number
  lease(id: string): Promise<Lease>
  ask(demand?: Partial<LeaseDemand>, caller?: Caller, key?: string): Promise<CreatedLease>
  tryAsk(demand?: Partial<LeaseDemand>, caller?: Caller, key?: string): Promise<Result<CreatedLease>>
}

export interface WorldOptions {
  readonly seed?: number
  readonly hosts?: Readonly<Record<string, number>>
  readonly fakeHosts?: Omit<FakeHostsOptions, 'now'>
  readonly tenants?: Catalogue['tenants']
  /** Further pools with their hosts; working copies may stand in all of them. */
  readonly pools?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Who may land in the repository, and where; default: nobody. */
  readonly landing?: LandingRule
  /** Added to the blueprints, or in the place of one. */
  readonly blueprints?: Catalogue['blueprints']
  /** Before each call to the table: decides whose turn it is among those that are at work at once. */
  readonly turn?: () => Promise<void>
  /** What a webhook answers; without it, that the message was delivered. */
  readonly webhook?: (message: WebhookMessage) => Posted
  /** Told of each commit to the table. */
  readonly committed?: (commit: Commit) => void
}

/** The control plane whole, in memory and in virtual time, with pools of fake hosts. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  let now = NOON
  let made = 0
  const fraction = seededFraction(options.seed ?? 1)
  const reaper = createReaper()
  const published: object[] = []
  const posted: WebhookMessage[] = []
  const table = createMemoryTable({
    before: () => {
      reaper.before()
      return options.turn?.()
    },
    after: reaper.after,
    ...(options.committed ? { committed: options.committed } : {}),
  })
  const hosts = createFakeHosts({ now: () => now, ...options.fakeHosts })
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const conductor = createConductor(
    () => ports,
    () => now,
    (event) => published.push(event),
  )
  /** As a host would: blocks as long as it was told while there is nothing to say. */
  const waiting = (answer: Awaited<ReturnType<FakeHosts['follow']>>, waitSeconds: number) => {
    const silent = answer.kind === 'done' && !answer.value.end && answer.value.stdout.length === 0
    if (silent) now += waitSeconds * 1_000
    return answer
  }
  const follow: FakeHosts['follow'] = async (target, slot, request) =>
    waiting(await hosts.follow(target, slot, request), request.waitSeconds)
  const perform: FakeHosts['perform'] = async (target, slot, request, look) =>
    waiting(await hosts.perform(target, slot, request, look), look.waitSeconds)
  const ports: Ports = {
    table,
    hosts: { ...hosts, follow, perform, ...mortalLandings(hosts, reaper) },
    executions: mortal(conductor.executions, reaper),
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        now += Math.ceil(milliseconds)
      },
    },
    chance: {
      ulid: () => `01J${String((made += 1)).padStart(23, '0')}`,
      opaque: () =>
        hash(`${fraction()}`)
          .replace(/[^a-f2-7]/g, 'g')
          .slice(0, 26),
      fraction,
    },
    secrets: { leaseToken: async (id, salt) => `token-${hash(id + salt)}`, hash },
    vault: createVault(async () => KEY),
    compression: { pack: (bytes) => gzipSync(bytes), unpack: (bytes) => gunzipSync(bytes) },
    journal: { info: () => undefined, warn: () => undefined },
    webhooks: {
      post: async (message) => {
        posted.push(message)
        return options.webhook?.(message) ?? { kind: 'delivered' }
      },
    },
  }
  const tryAsk: World['tryAsk'] = async (demand = {}, caller = CI, key = `key-${(made += 1)}`) => {
    const whole = { blueprint: 'linux', priority: 0, durations: {}, ...demand }
    return createLease(ports, caller, whole, { hash: hash(key), requestHash: hash(JSON.stringify(whole)) })
  }
  const world: World = {
    ports,
    published,
    posted,
    table,
    hosts,
    settle: conductor.settle,
    advance: async (milliseconds) => {
      await conductor.settle()
      const until = now + milliseconds
      for (let due = conductor.nextDue(); due <= until; due = conductor.nextDue()) {
        now = Math.max(now, due)
        conductor.fireDue()
        await conductor.settle()
      }
      now = Math.max(now, until)
      await conductor.settle()
    },
    halt: conductor.halt,
    doom: reaper.doom,
    calls: reaper.calls,
    lease: async (id) => {
      const lease = await readLease(ports, id)
      if (!lease) throw new Error(`no lease ${id}`)
      return lease
    },
    tryAsk,
    ask: async (demand, caller, key) => {
      const created = await tryAsk(demand, caller, key)
      if (!created.ok) throw new Error(`${created.refusal.refused}: ${created.refusal.detail}`)
      return created.value
    },
  }
  const applied = await applyConfig(ports, catalogue(options), { dryRun: false, remove: false })
  if (!applied.ok) throw new Error(applied.refusal.detail)
  await conductor.settle()
  return world
}

export const catalogue = ({
  hosts = { alpha: 1 },
  pools = {},
  tenants = {},
  blueprints = {},
  landing,
}: WorldOptions): Catalogue => ({
  blueprints: {
    linux: { name: 'linux', type: 'host', allow: ['*'], limits: {} },
    ...Object.fromEntries(
      Object.keys(pools).map((name) => [name, { name, type: 'host', allow: ['*'], limits: {} }]),
    ),
    checkout: {
      name: 'checkout',
      type: 'working-copy',
      pools: ['linux', ...Object.keys(pools)],
      allow: ['*'],
      limits: {},
    },
    ...blueprints,
  },
  repositories: {
    example: {
      name: 'example',
      url: 'https://example.com/a.git',
      defaultBranch: 'main',
      allowFile: false,
      ...(landing ? { landing } : {}),
    },
  },
  hosts: Object.fromEntries(
    Object.entries({ linux: hosts, ...pools }).flatMap(([pool, capacities]) =>
      Object.entries(capacities).map(([name, capacity]) => [
        name,
        {
          name,
          pool,
          transport: 'ssh',
          address: '127.0.0.1',
          port: 22,
          user: 'ci',
          hostKey: `SHA256:${'A'.repeat(43)}`,
          directory: '.drydock',
          capacity,
        },
      ]),
    ),
  ),
  tenants,
})
