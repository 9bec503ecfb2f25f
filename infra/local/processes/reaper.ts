import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { forEachLine } from './lines.ts'

const script = fileURLToPath(new URL('reaper.sh', import.meta.url))
const markerForm = /^[A-Z][A-Z0-9_]*=[A-Za-z0-9._-]{8,}$/

export type Reaper = {
  readonly pid: number
  /** Kills every marked process now. Rejects when some could not be killed within about four seconds. */
  readonly reap: () => Promise<void>
  /** Kills every marked process and ends the reaper itself. */
  readonly close: () => Promise<void>
}

/** The reaper finds processes through `/proc/PID/environ`, which only Linux has. */
export const canReap = process.platform === 'linux'

/**
 * Starts a watchdog over every process that was started with `NAME=value` in its environment, wherever it
 * has moved since (own session, own parent). It kills them when this process ends in whatever way, SIGKILL
 * included, and then ends itself. A process that was started with an emptied environment escapes it.
 *
 * The marker must be unique to this stack and must not be in the environment of this process.
 * Throws on anything but Linux.
 */
export function startReaper(marker: string): Reaper {
  if (!canReap) throw new Error(`detached processes cannot be found on ${process.platform}: Linux only`)
  if (!markerForm.test(marker)) throw new Error(`not a marker of the form NAME=value: ${marker}`)
  const [name = '', value] = marker.split('=', 2)
  if (process.env[name] === value) throw new Error(`the marker ${name} would find this process itself`)
  const child = spawn('/bin/sh', [script, marker], {
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  if (child.pid === undefined) throw new Error('cannot start /bin/sh')
  return { pid: child.pid, ...conversation(child) }
}

function conversation(child: ChildProcessByStdio<Writable, Readable, null>): Pick<Reaper, 'reap' | 'close'> {
  const ended = once(child, 'exit')
  const questions: ((left: number) => void)[] = []
  forEachLine(child.stdout, (line) => questions.shift()?.(Number(line)))
  const reap = async (): Promise<void> => {
    const answer = new Promise<number>((resolve) => questions.push(resolve))
    child.stdin.write('reap\n')
    const gone = ended.then((): never => {
      throw new Error('the reaper has ended')
    })
    const left = await Promise.race([answer, gone])
    if (left > 0) throw new Error(`${left} marked processes could not be killed`)
  }
  const close = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  return { reap, close }
}
