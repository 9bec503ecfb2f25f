import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { HostAnswer, Hosts, HostTarget, SlotRef } from '../../../lib/app/ports/hosts.ts'

/** A host to test against, and the adapter that reaches it. */
export interface OpenHosts<Target extends HostTarget = HostTarget> {
  readonly hosts: Hosts
  readonly target: Target
  /** Kills what the host started and removes its directory. */
  close(): Promise<void>
}

export const temporaryDirectory = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'drydock-host-')))

let slots = 0

/** A slot of its own for each test, initialised at epoch 0. */
export async function freshSlot({ hosts, target }: OpenHosts): Promise<(epoch: number) => SlotRef> {
  slots += 1
  const slot = slots
  const at = (epoch: number): SlotRef => ({ slot, nonce: `nonce-${slot}`, epoch })
  valueOf(await hosts.init(target, { ...at(0), seen: null }))
  return at
}

/** A slot that was opened for its first lease. */
export async function openSlot(host: OpenHosts): Promise<SlotRef> {
  const at = await freshSlot(host)
  valueOf(await host.hosts.open(host.target, at(1)))
  return at(1)
}

/** The value of an answer that must be `done`. */
export function valueOf<T>(answer: HostAnswer<T>): T {
  expect(answer).toMatchObject({ kind: 'done' })
  if (answer.kind !== 'done') throw new Error(`the host answered ${answer.kind}`)
  return answer.value
}

/** The processes whose initial environment or arguments mention `text`. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => mentions(pid, 'environ', text) || mentions(pid, 'cmdline', text))
    .map(Number)
}

function mentions(pid: string, file: string, text: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/${file}`).includes(text)
  } catch {
    return false // it has ended since
  }
}

/** Kills what mentions the directory, and removes it even where its owner made parts of it read-only. */
export function removeHost(directory: string): void {
  for (let left = processesWith(directory); left.length > 0; left = processesWith(directory)) {
    for (const pid of left) spawnSync('kill', ['-KILL', String(pid)])
  }
  spawnSync('chmod', ['-R', 'u+rwX', directory])
  spawnSync('rm', ['-rf', directory])
}
