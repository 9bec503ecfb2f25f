import type { HostAnswer, Hosts, HostTarget, SlotRef } from '../../../lib/app/ports/hosts.ts'
import type { FakeHosts } from '../../../lib/adapters/memory/hosts.ts'
import { createFakeHosts } from '../../../lib/adapters/memory/hosts.ts'
import type { FaultKind } from '../faults/profiles.ts'
import type { Outside, Process } from '../invocations/process.ts'
import { reach } from '../invocations/process.ts'
import type { CheckoutFate } from './checkouts.ts'
import { createCheckouts } from './checkouts.ts'
import type { Holdings } from './holdings.ts'
import { slotName } from './holdings.ts'

/** The hosts of an installation: they keep fences and do work, lose replies and go down. */
export interface SimulatedHosts {
  readonly reachedBy: (process: Process) => Hosts
  /** Nobody reaches the host for so long. */
  readonly down: (host: string, milliseconds: number) => void
  /** For so long it fails whoever wants to begin on it, and answers probes and cleanings as if nothing were wrong. */
  readonly sick: (host: string, milliseconds: number) => void
  /** Its disk and all that ran on it are gone. */
  readonly reimage: (host: string) => void
  /** Work that runs on the slot for another holding than this one. */
  readonly strangers: (slot: string, epoch: number) => readonly string[]
}

export interface SimulatedHostsOptions {
  readonly outside: Outside
  readonly holdings: Holdings
  readonly fateOf: (commit: string) => CheckoutFate
  readonly broken: (sentence: string) => void
}

const VERB_FAULTS = [
  'host unreachable',
  'host busy',
  'host script failed',
  'reply lost after the verb',
  'verb came again later',
  'host slow',
] as const satisfies FaultKind[]

/** Argument that says how long a simulated command runs, milliseconds. */
const DEFAULT_RUN = 0

export function createSimulatedHosts(options: SimulatedHostsOptions): SimulatedHosts {
  const { outside, holdings, fateOf, broken } = options
  const { kernel, faults, random } = outside
  const checkouts = createCheckouts(kernel.now, fateOf)
  const jobs = new Map<string, { readonly epoch: number; readonly lease: string }>()
  const downUntil = new Map<string, number>()
  const sickUntil = new Map<string, number>()
  const hosts: FakeHosts = createFakeHosts({
    now: kernel.now,
    command: ({ argv }) => ({
      exitCode: 0,
      stdout: 'ran\n',
      milliseconds: Number(argv[1] ?? DEFAULT_RUN),
    }),
    emptied: (slot) => {
      checkouts.emptied(slot)
      for (const key of jobs.keys()) if (key.startsWith(`${slot}/`)) jobs.delete(key)
    },
  })

  const strangers: SimulatedHosts['strangers'] = (slot, epoch) => {
    const running = new Set(hosts.running())
    const commands = [...jobs]
      .filter(([key, job]) => key.startsWith(`${slot}/`) && running.has(key) && job.epoch !== epoch)
      .map(([, job]) => `a command of lease ${job.lease} (epoch ${job.epoch})`)
    const copies = checkouts.epochs(slot).filter((other) => other !== epoch)
    return [...commands, ...copies.map((other) => `a checkout of epoch ${other}`)]
  }

  /** Nothing starts on a slot that another lease uses. */
  function begins(slot: string, epoch: number, what: string): void {
    const now = holdings.of(slot)
    if (now?.inUse === true && now.epoch !== epoch) {
      broken(`P2: ${what} of epoch ${epoch} began on ${slot}, which lease ${now.lease} uses (${now.epoch})`)
    }
  }

  /** Nobody ends what a lease does while it is in use; what was meant for an earlier slot of this name is refused. */
  async function close(target: HostTarget, ref: SlotRef): Promise<HostAnswer<object>> {
    const slot = slotName(target.name, ref.slot)
    const now = holdings.of(slot)
    const closed = await hosts.close(target, ref)
    if (closed.kind === 'done' && now?.inUse === true && now.epoch === ref.epoch)
      broken(`P2: ${slot} was closed while lease ${now.lease} uses it`)
    return closed
  }

  function reachedBy(process: Process): Hosts {
    /** One verb: it may fail before it did anything, or after, or be done again when nobody expects it. */
    function verb<T>(
      name: string,
      target: HostTarget,
      slot: SlotRef | undefined,
      act: () => Promise<HostAnswer<T>>,
    ): Promise<HostAnswer<T>> {
      const fault = faults.draw(VERB_FAULTS)
      return reach(outside, process, {
        what: `${name} ${target.name}${slot ? `/${slot.slot} epoch ${slot.epoch}` : ''}`,
        fault,
        late: fault === 'host slow' ? random.between(1_000, 40_000) : 0,
        effect: async () => {
          if ((downUntil.get(target.name) ?? 0) > kernel.now()) {
            await kernel.sleep(3_000)
            return unreachable('the connection timed out')
          }
          if (fault === 'host unreachable') return unreachable('the connection was refused')
          if (fault === 'host busy') return { kind: 'busy', detail: 'too many sessions' }
          if (fault === 'host script failed')
            return { kind: 'failed', fault: 'host', code: 'script_failed', detail: 'exit 1' }
          const answer = await act()
          if (fault === 'verb came again later') {
            kernel.after(random.between(100, 120_000), () => {
              outside.log.add(process.id, `${name} ${target.name} comes again`)
              void act()
            })
          }
          return fault === 'reply lost after the verb' ? unreachable('the connection broke') : answer
        },
      })
    }

    return {
      probe: (target) => verb('probe', target, undefined, () => hosts.probe(target)),
      init: (target, slot) => verb('init', target, slot, () => hosts.init(target, slot)),
      open: (target, slot) =>
        verb('open', target, slot, async () => {
          const opened = await hosts.open(target, slot)
          return (sickUntil.get(target.name) ?? 0) > kernel.now() ? brokenOpen : opened
        }),
      close: (target, slot) => verb('close', target, slot, () => close(target, slot)),
      checkout: (target, slot, request) =>
        verb('checkout', target, slot, async () => {
          const name = slotName(target.name, slot.slot)
          // The fake judges the fence; its own receipt is not used.
          const begun = await hosts.checkout(target, slot, request)
          if (begun.kind !== 'done') return begun
          if (faults.strikes('host disk full')) return diskFull
          begins(name, slot.epoch, 'a checkout')
          checkouts.start(name, slot.epoch, request)
          await kernel.sleep(checkouts.left(name, request.waitSeconds * 1_000))
          const still = await hosts.checkout(target, slot, request)
          return still.kind === 'done' ? checkouts.look(name, request) : still
        }),
      tidy: (target, slot, request) => verb('tidy', target, slot, () => hosts.tidy(target, slot, request)),
      run: (target, slot, command) =>
        verb('run', target, slot, async () => {
          const name = slotName(target.name, slot.slot)
          const key = `${name}/${command.number}`
          const started = await hosts.run(target, slot, command)
          if (started.kind !== 'done') return started
          if (!jobs.has(key)) begins(name, slot.epoch, 'a command')
          jobs.set(key, { epoch: slot.epoch, lease: command.environment['DRYDOCK_LEASE_ID'] ?? '' })
          return started
        }),
      perform: (target, slot, command, look) =>
        verb('perform', target, slot, async () => {
          const name = slotName(target.name, slot.slot)
          const key = `${name}/${command.number}`
          const first = await hosts.perform(target, slot, command, look)
          if (first.kind !== 'done') return first
          if (!jobs.has(key)) begins(name, slot.epoch, 'a command')
          jobs.set(key, { epoch: slot.epoch, lease: command.environment['DRYDOCK_LEASE_ID'] ?? '' })
          if (first.value.end || first.value.stdout.length > 0) return first
          await kernel.sleep(look.waitSeconds * 1_000)
          return hosts.perform(target, slot, command, look)
        }),
      follow: (target, slot, request) =>
        verb('follow', target, slot, async () => {
          const first = await hosts.follow(target, slot, request)
          const silent = first.kind === 'done' && !first.value.end && first.value.stdout.length === 0
          if (!silent) return first
          await kernel.sleep(request.waitSeconds * 1_000)
          return hosts.follow(target, slot, request)
        }),
      cancel: (target, slot, number) =>
        verb('cancel', target, slot, () => hosts.cancel(target, slot, number)),
      merge: (target, slot, request) => verb('merge', target, slot, () => hosts.merge(target, slot, request)),
      push: (target, slot, request) => verb('push', target, slot, () => hosts.push(target, slot, request)),
    }
  }

  return {
    reachedBy,
    down: (host, milliseconds) => void downUntil.set(host, kernel.now() + milliseconds),
    sick: (host, milliseconds) => void sickUntil.set(host, kernel.now() + milliseconds),
    reimage: (host) => hosts.reimage(host),
    strangers,
  }
}

const brokenOpen: HostAnswer<never> = {
  kind: 'failed',
  fault: 'host',
  code: 'script_failed',
  detail: 'no more processes',
}

const diskFull: HostAnswer<never> = {
  kind: 'failed',
  fault: 'host',
  code: 'disk_full',
  detail: 'no space left on device',
}

const unreachable = (detail: string): HostAnswer<never> => ({
  kind: 'failed',
  fault: 'host',
  code: 'unreachable',
  detail,
})
